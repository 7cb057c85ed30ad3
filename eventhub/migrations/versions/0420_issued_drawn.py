"""pictures that an issued report keeps

Revision: 0420_issued_drawn, after 0410_kept_times
"""

import sqlalchemy as sa
from alembic import op

revision = '0420_issued_drawn'
down_revision = '0410_kept_times'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('issued_reports', schema=None) as batch_op:
        batch_op.add_column(sa.Column('drawn', sa.JSON(), server_default='{}', nullable=False))



def downgrade():
    with op.batch_alter_table('issued_reports', schema=None) as batch_op:
        batch_op.drop_column('drawn')

