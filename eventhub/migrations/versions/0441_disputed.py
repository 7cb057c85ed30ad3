"""what an issued report leaves out while it is disputed

Revision: 0441_disputed, after 0440_sign_ins
"""

import sqlalchemy as sa
from alembic import op

revision = '0441_disputed'
down_revision = '0440_sign_ins'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('issued_reports', schema=None) as batch_op:
        batch_op.add_column(sa.Column('disputed', sa.JSON(), server_default='[]', nullable=False))



def downgrade():
    with op.batch_alter_table('issued_reports', schema=None) as batch_op:
        batch_op.drop_column('disputed')

