"""1:1 meetings

Revision: 0330_one_to_ones, after 0320_folded_children
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0330_one_to_ones'
down_revision = '0320_folded_children'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('one_to_one_plans',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('most_open', sa.Integer(), nullable=False),
    sa.Column('created_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_one_to_one_plans_meeting_id_meetings')),
    sa.PrimaryKeyConstraint('meeting_id', name=op.f('pk_one_to_one_plans'))
    )
    op.create_table('one_to_one_windows',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('starts', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ends', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('slot_minutes', sa.Integer(), nullable=False),
    sa.CheckConstraint('slot_minutes > 0', name=op.f('ck_one_to_one_windows_slots_last')),
    sa.CheckConstraint('starts < ends', name=op.f('ck_one_to_one_windows_times_in_order')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_one_to_one_windows_meeting_id_meetings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_to_one_windows'))
    )
    with op.batch_alter_table('one_to_one_windows', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_to_one_windows_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('one_to_one_tables',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('name', sa.Text(), nullable=False),
    sa.Column('room_id', sa.Integer(), nullable=True),
    sa.Column('place', sa.Text(), nullable=False),
    sa.Column('active', sa.Boolean(), nullable=False),
    sa.Column('position', sa.Integer(), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_one_to_one_tables_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['room_id'], ['rooms.id'], name=op.f('fk_one_to_one_tables_room_id_rooms'), ondelete='SET NULL'),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_to_one_tables')),
    sa.UniqueConstraint('meeting_id', 'name', name=op.f('uq_one_to_one_tables_meeting_id_name'))
    )
    with op.batch_alter_table('one_to_one_tables', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_to_one_tables_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_one_tables_room_id'), ['room_id'], unique=False)

    op.create_table('one_to_ones',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('a_id', sa.Integer(), nullable=False),
    sa.Column('b_id', sa.Integer(), nullable=False),
    sa.Column('asked_by_id', sa.Integer(), nullable=True),
    sa.Column('source', sa.Enum('asked', 'seated', name='onetoonesource', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('state', sa.Enum('requested', 'proposed', 'accepted', 'declined', 'withdrawn', 'cancelled', name='onetoonestate', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('waits_for_id', sa.Integer(), nullable=True),
    sa.Column('starts', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('ends', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('new_starts', eventhub.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('new_ends', eventhub.db.UTCDateTime(timezone=True), nullable=True),
    sa.Column('table_id', sa.Integer(), nullable=True),
    sa.Column('message', sa.Text(), nullable=False),
    sa.Column('answer', sa.Text(), nullable=False),
    sa.Column('sequence', sa.Integer(), nullable=False),
    sa.Column('created_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.CheckConstraint("state <> 'accepted' OR table_id IS NOT NULL", name=op.f('ck_one_to_ones_accepted_has_a_table')),
    sa.CheckConstraint('a_id < b_id', name=op.f('ck_one_to_ones_two_registrations_in_order')),
    sa.CheckConstraint('starts < ends', name=op.f('ck_one_to_ones_times_in_order')),
    sa.ForeignKeyConstraint(['a_id'], ['registrations.id'], name=op.f('fk_one_to_ones_a_id_registrations')),
    sa.ForeignKeyConstraint(['asked_by_id'], ['registrations.id'], name=op.f('fk_one_to_ones_asked_by_id_registrations')),
    sa.ForeignKeyConstraint(['b_id'], ['registrations.id'], name=op.f('fk_one_to_ones_b_id_registrations')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_one_to_ones_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['table_id'], ['one_to_one_tables.id'], name=op.f('fk_one_to_ones_table_id_one_to_one_tables')),
    sa.ForeignKeyConstraint(['waits_for_id'], ['registrations.id'], name=op.f('fk_one_to_ones_waits_for_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_to_ones'))
    )
    with op.batch_alter_table('one_to_ones', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_to_ones_a_id'), ['a_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_ones_asked_by_id'), ['asked_by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_ones_b_id'), ['b_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_ones_meeting_id'), ['meeting_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_ones_starts'), ['starts'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_ones_table_id'), ['table_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_ones_waits_for_id'), ['waits_for_id'], unique=False)
        batch_op.create_index('uq_one_to_ones_a', ['a_id', 'starts'], unique=True, sqlite_where=sa.text("state IN ('accepted')"), postgresql_where=sa.text("state IN ('accepted')"))
        batch_op.create_index('uq_one_to_ones_b', ['b_id', 'starts'], unique=True, sqlite_where=sa.text("state IN ('accepted')"), postgresql_where=sa.text("state IN ('accepted')"))
        batch_op.create_index('uq_one_to_ones_pair', ['a_id', 'b_id', 'starts'], unique=True, sqlite_where=sa.text("state IN ('accepted', 'proposed', 'requested')"), postgresql_where=sa.text("state IN ('accepted', 'proposed', 'requested')"))
        batch_op.create_index('uq_one_to_ones_table', ['table_id', 'starts'], unique=True, sqlite_where=sa.text("state IN ('accepted')"), postgresql_where=sa.text("state IN ('accepted')"))

    op.create_table('one_to_one_steps',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('one_to_one_id', sa.Integer(), nullable=False),
    sa.Column('step', sa.String(length=24), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=True),
    sa.Column('starts', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.Column('table_id', sa.Integer(), nullable=True),
    sa.Column('words', sa.Text(), nullable=False),
    sa.Column('at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['by_id'], ['registrations.id'], name=op.f('fk_one_to_one_steps_by_id_registrations')),
    sa.ForeignKeyConstraint(['one_to_one_id'], ['one_to_ones.id'], name=op.f('fk_one_to_one_steps_one_to_one_id_one_to_ones')),
    sa.ForeignKeyConstraint(['table_id'], ['one_to_one_tables.id'], name=op.f('fk_one_to_one_steps_table_id_one_to_one_tables')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_one_to_one_steps'))
    )
    with op.batch_alter_table('one_to_one_steps', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_one_to_one_steps_by_id'), ['by_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_one_to_one_steps_one_to_one_id'), ['one_to_one_id'], unique=False)

    with op.batch_alter_table('profiles', schema=None) as batch_op:
        batch_op.add_column(sa.Column('may_be_asked', sa.Boolean(), server_default=sa.false(), nullable=False))



def downgrade():
    with op.batch_alter_table('profiles', schema=None) as batch_op:
        batch_op.drop_column('may_be_asked')

    with op.batch_alter_table('one_to_one_steps', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_to_one_steps_one_to_one_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_one_steps_by_id'))

    op.drop_table('one_to_one_steps')
    with op.batch_alter_table('one_to_ones', schema=None) as batch_op:
        batch_op.drop_index('uq_one_to_ones_table', sqlite_where=sa.text("state IN ('accepted')"), postgresql_where=sa.text("state IN ('accepted')"))
        batch_op.drop_index('uq_one_to_ones_pair', sqlite_where=sa.text("state IN ('accepted', 'proposed', 'requested')"), postgresql_where=sa.text("state IN ('accepted', 'proposed', 'requested')"))
        batch_op.drop_index('uq_one_to_ones_b', sqlite_where=sa.text("state IN ('accepted')"), postgresql_where=sa.text("state IN ('accepted')"))
        batch_op.drop_index('uq_one_to_ones_a', sqlite_where=sa.text("state IN ('accepted')"), postgresql_where=sa.text("state IN ('accepted')"))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_waits_for_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_table_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_starts'))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_meeting_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_b_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_asked_by_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_ones_a_id'))

    op.drop_table('one_to_ones')
    with op.batch_alter_table('one_to_one_tables', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_to_one_tables_room_id'))
        batch_op.drop_index(batch_op.f('ix_one_to_one_tables_meeting_id'))

    op.drop_table('one_to_one_tables')
    with op.batch_alter_table('one_to_one_windows', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_one_to_one_windows_meeting_id'))

    op.drop_table('one_to_one_windows')
    op.drop_table('one_to_one_plans')
