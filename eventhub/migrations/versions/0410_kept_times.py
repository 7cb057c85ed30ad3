"""times that a participant keeps

Revision: 0410_kept_times, after 0401_past_attendance
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0410_kept_times'
down_revision = '0401_past_attendance'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('one_to_one_kept_times',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('starts', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ends', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('starts < ends', name=op.f('ck_one_to_one_kept_times_times_in_order')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_one_to_one_kept_times_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_one_to_one_kept_times_registration_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_to_one_kept_times')),
    sa.UniqueConstraint('registration_id', 'starts', name=op.f('uq_one_to_one_kept_times_registration_id_starts'))
    )
    with op.batch_alter_table('one_to_one_kept_times', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_to_one_kept_times_meeting_id'), ['meeting_id'], unique=False)



def downgrade():
    with op.batch_alter_table('one_to_one_kept_times', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_to_one_kept_times_meeting_id'))

    op.drop_table('one_to_one_kept_times')
