"""a job forgets its file when the file is deleted

Revision: 0002_job_files, after 0001
"""

from alembic import op

revision = '0002_job_files'
down_revision = '0001'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_jobs_result_file_id_stored_files'), type_='foreignkey')
        batch_op.create_foreign_key(batch_op.f('fk_jobs_result_file_id_stored_files'), 'stored_files', ['result_file_id'], ['id'], ondelete='SET NULL')


def downgrade():
    with op.batch_alter_table('jobs', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('fk_jobs_result_file_id_stored_files'), type_='foreignkey')
        batch_op.create_foreign_key(batch_op.f('fk_jobs_result_file_id_stored_files'), 'stored_files', ['result_file_id'], ['id'])
