"""wishes and seatings

Revision: 0340_seatings, after 0400_story_lead
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0340_seatings'
down_revision = '0400_story_lead'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('seating_proposals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('state', sa.Enum('proposed', 'published', 'withdrawn', name='proposalstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('figures', sa.JSON(), nullable=False),
    sa.Column('made_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('by_name', sa.Text(), nullable=False),
    sa.Column('published_at', eventhub.db.UTCDateTime(timezone=True), nullable=True),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_seating_proposals_meeting_id_meetings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seating_proposals'))
    )
    with op.batch_alter_table('seating_proposals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seating_proposals_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index('uq_seating_proposals_open', ['meeting_id'], unique=True, sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))

    op.create_table('one_to_one_wishes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('whom_id', sa.Integer(), nullable=False),
    sa.Column('place', sa.Integer(), nullable=False),
    sa.Column('created_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('by_id <> whom_id', name=op.f('ck_one_to_one_wishes_two_people')),
    sa.ForeignKeyConstraint(['by_id'], ['registrations.id'], name=op.f('fk_one_to_one_wishes_by_id_registrations')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_one_to_one_wishes_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['whom_id'], ['registrations.id'], name=op.f('fk_one_to_one_wishes_whom_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_to_one_wishes')),
    sa.UniqueConstraint('by_id', 'whom_id', name=op.f('uq_one_to_one_wishes_by_id_whom_id'))
    )
    with op.batch_alter_table('one_to_one_wishes', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_to_one_wishes_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_one_wishes_whom_id'), ['whom_id'], unique=False)

    op.create_table('seating_consents',
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('agreed', sa.Boolean(), nullable=False),
    sa.Column('most', sa.Integer(), nullable=False),
    sa.Column('updated_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint('most > 0', name=op.f('ck_seating_consents_at_least_one')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_seating_consents_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_seating_consents_registration_id_registrations')),
    sa.PrimaryKeyConstraint('registration_id', name=op.f('pk_seating_consents'))
    )
    with op.batch_alter_table('seating_consents', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seating_consents_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('proposed_seats',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('proposal_id', sa.Integer(), nullable=False),
    sa.Column('a_id', sa.Integer(), nullable=False),
    sa.Column('b_id', sa.Integer(), nullable=False),
    sa.Column('starts', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ends', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('table_id', sa.Integer(), nullable=True),
    sa.Column('state', sa.Enum('kept', 'left_out', 'published', 'fell_out', name='seatstate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('why', sa.String(length=24), nullable=False),
    sa.Column('one_to_one_id', sa.Integer(), nullable=True),
    sa.CheckConstraint('a_id < b_id', name=op.f('ck_proposed_seats_two_registrations_in_order')),
    sa.ForeignKeyConstraint(['a_id'], ['registrations.id'], name=op.f('fk_proposed_seats_a_id_registrations')),
    sa.ForeignKeyConstraint(['b_id'], ['registrations.id'], name=op.f('fk_proposed_seats_b_id_registrations')),
    sa.ForeignKeyConstraint(['one_to_one_id'], ['one_to_ones.id'], name=op.f('fk_proposed_seats_one_to_one_id_one_to_ones'), ondelete='SET NULL'),
    sa.ForeignKeyConstraint(['proposal_id'], ['seating_proposals.id'], name=op.f('fk_proposed_seats_proposal_id_seating_proposals')),
    sa.ForeignKeyConstraint(['table_id'], ['one_to_one_tables.id'], name=op.f('fk_proposed_seats_table_id_one_to_one_tables'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_proposed_seats')),
    sa.UniqueConstraint('proposal_id', 'a_id', 'b_id', name=op.f('uq_proposed_seats_proposal_id_a_id_b_id'))
    )
    with op.batch_alter_table('proposed_seats', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_proposed_seats_a_id'), ['a_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposed_seats_b_id'), ['b_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_proposed_seats_table_id'), ['table_id'], unique=False)



def downgrade():
    with op.batch_alter_table('proposed_seats', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_proposed_seats_table_id'))
        batch_op.drop_index(batch_op.f('ix_proposed_seats_b_id'))
        batch_op.drop_index(batch_op.f('ix_proposed_seats_a_id'))

    op.drop_table('proposed_seats')
    with op.batch_alter_table('seating_consents', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_seating_consents_meeting_id'))

    op.drop_table('seating_consents')
    with op.batch_alter_table('one_to_one_wishes', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_to_one_wishes_whom_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_one_wishes_meeting_id'))

    op.drop_table('one_to_one_wishes')
    with op.batch_alter_table('seating_proposals', schema=None) as batch_op:
        batch_op.drop_index('uq_seating_proposals_open', sqlite_where=sa.text("state = 'proposed'"), postgresql_where=sa.text("state = 'proposed'"))
        batch_op.drop_index(batch_op.f('ix_seating_proposals_meeting_id'))

    op.drop_table('seating_proposals')
