"""an outsider's contradiction

Revision: 0425_contradicts, after 0421_photographs
"""

import sqlalchemy as sa
from alembic import op

revision = '0425_contradicts'
down_revision = '0421_photographs'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('substantiations', schema=None) as batch_op:
        batch_op.add_column(sa.Column('contradicts', sa.Boolean(), server_default=sa.false(), nullable=False))
    with op.batch_alter_table('substantiations', schema=None) as batch_op:
        batch_op.alter_column('contradicts', server_default=None)


def downgrade():
    with op.batch_alter_table('substantiations', schema=None) as batch_op:
        batch_op.drop_column('contradicts')
