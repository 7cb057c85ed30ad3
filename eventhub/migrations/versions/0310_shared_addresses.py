"""whether each side of an introduction shares its address

Revision: 0310_shared_addresses, after 0310_profiles
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0310_shared_addresses'
down_revision = '0310_profiles'
branch_labels = None
depends_on = None

def upgrade():

    with op.batch_alter_table('introductions', schema=None) as batch_op:
        batch_op.add_column(sa.Column('a_shares', sa.Boolean(), nullable=False, server_default=sa.false()))
        batch_op.add_column(sa.Column('b_shares', sa.Boolean(), nullable=False, server_default=sa.false()))

def downgrade():

    with op.batch_alter_table('introductions', schema=None) as batch_op:
        batch_op.drop_column('b_shares')
        batch_op.drop_column('a_shares')

