"""the named adult's address as the guardian wrote it

Revision: 0003_named_adult, after 0002_job_files
"""

import sqlalchemy as sa
from alembic import op

revision = '0003_named_adult'
down_revision = '0002_job_files'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('guardians', schema=None) as batch_op:
        batch_op.add_column(sa.Column('adult_email', sa.Text(), nullable=False, server_default=''))
        batch_op.add_column(sa.Column('adult_email_key', sa.String(length=255), nullable=False, server_default=''))
        batch_op.create_index(batch_op.f('ix_guardians_adult_email_key'), ['adult_email_key'], unique=False)



def downgrade():
    with op.batch_alter_table('guardians', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_guardians_adult_email_key'))
        batch_op.drop_column('adult_email_key')
        batch_op.drop_column('adult_email')

