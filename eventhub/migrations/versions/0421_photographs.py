"""a photograph's small rendition

Revision: 0421_photographs, after 0420_issued_drawn
"""

import sqlalchemy as sa
from alembic import op

revision = '0421_photographs'
down_revision = '0420_issued_drawn'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('stored_files', schema=None) as batch_op:
        batch_op.add_column(sa.Column('small', sa.LargeBinary(), nullable=True))



def downgrade():
    with op.batch_alter_table('stored_files', schema=None) as batch_op:
        batch_op.drop_column('small')

