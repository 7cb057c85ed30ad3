"""who was at past meetings, how exactly an evidence's date is known

Revision: 0401_past_attendance, after 0340_seatings
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0401_past_attendance'
down_revision = "0340_seatings"
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('past_attendances',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('organisation_id', sa.Integer(), nullable=False),
    sa.Column('person_id', sa.Integer(), nullable=True),
    sa.Column('adults', sa.Integer(), nullable=True),
    sa.Column('young', sa.Integer(), nullable=True),
    sa.Column('children', sa.Integer(), nullable=True),
    sa.Column('source', sa.Text(), nullable=False),
    sa.Column('created_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('adults IS NULL OR adults >= 0', name=op.f('ck_past_attendances_adults')),
    sa.CheckConstraint('children IS NULL OR children >= 0', name=op.f('ck_past_attendances_children')),
    sa.CheckConstraint('young IS NULL OR young >= 0', name=op.f('ck_past_attendances_young')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_past_attendances_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['organisation_id'], ['organisations.id'], name=op.f('fk_past_attendances_organisation_id_organisations')),
    sa.ForeignKeyConstraint(['person_id'], ['people.id'], name=op.f('fk_past_attendances_person_id_people')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_past_attendances'))
    )
    with op.batch_alter_table('past_attendances', schema=None) as batch_op:
        batch_op.create_index('ix_past_attendances_meeting', ['meeting_id', 'organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_past_attendances_organisation_id'), ['organisation_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_past_attendances_person_id'), ['person_id'], unique=False)

    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.add_column(sa.Column('dated_precision', sa.Enum('day', 'month', 'quarter', 'year', 'unknown', name='dated_precision', native_enum=False, create_constraint=True, length=24), server_default='unknown', nullable=False))
    op.execute("UPDATE evidence SET dated_precision = 'day' WHERE dated IS NOT NULL")  # so it was asked until now



def downgrade():
    with op.batch_alter_table('evidence', schema=None) as batch_op:
        batch_op.drop_column('dated_precision')

    with op.batch_alter_table('past_attendances', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_past_attendances_person_id'))
        batch_op.drop_index(batch_op.f('ix_past_attendances_organisation_id'))
        batch_op.drop_index('ix_past_attendances_meeting')

    op.drop_table('past_attendances')
