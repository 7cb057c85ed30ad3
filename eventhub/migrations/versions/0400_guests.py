"""an invitation is for one organisation or one person

Revision: 0400_guests, after 0330_one_to_ones
"""

from alembic import op

revision = '0400_guests'
down_revision = '0330_one_to_ones'
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f('uq_invitations_meeting_id_person_id'), ['meeting_id', 'person_id'])
        batch_op.create_check_constraint(
            batch_op.f('ck_invitations_organisation_or_person'), '(organisation_id IS NULL) <> (person_id IS NULL)'
        )


def downgrade():
    with op.batch_alter_table('invitations', schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f('ck_invitations_organisation_or_person'), type_='check')
        batch_op.drop_constraint(batch_op.f('uq_invitations_meeting_id_person_id'), type_='unique')
