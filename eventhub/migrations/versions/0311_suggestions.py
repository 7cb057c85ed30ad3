"""whom to meet

Revision: 0311_suggestions, after 0310_shared_addresses
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0311_suggestions'
down_revision = '0310_shared_addresses'
branch_labels = None
depends_on = None


def upgrade():

    op.create_table('suggestion_rounds',
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('seen', sa.String(length=64), nullable=False),
    sa.Column('made_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_suggestion_rounds_meeting_id_meetings')),
    sa.PrimaryKeyConstraint('meeting_id', name=op.f('pk_suggestion_rounds'))
    )
    op.create_table('suggestions',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('a_id', sa.Integer(), nullable=False),
    sa.Column('b_id', sa.Integer(), nullable=False),
    sa.Column('points', sa.Integer(), nullable=False),
    sa.Column('current', sa.Boolean(), nullable=False),
    sa.Column('not_for_a', sa.Boolean(), nullable=False),
    sa.Column('not_for_b', sa.Boolean(), nullable=False),
    sa.CheckConstraint('a_id < b_id', name=op.f('ck_suggestions_two_profiles_in_order')),
    sa.ForeignKeyConstraint(['a_id'], ['profiles.id'], name=op.f('fk_suggestions_a_id_profiles')),
    sa.ForeignKeyConstraint(['b_id'], ['profiles.id'], name=op.f('fk_suggestions_b_id_profiles')),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_suggestions_meeting_id_meetings')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_suggestions')),
    sa.UniqueConstraint('a_id', 'b_id', name=op.f('uq_suggestions_a_id_b_id'))
    )
    with op.batch_alter_table('suggestions', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_suggestions_b_id'), ['b_id'], unique=False)
        batch_op.create_index(batch_op.f('ix_suggestions_meeting_id'), ['meeting_id'], unique=False)




def downgrade():

    with op.batch_alter_table('suggestions', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_suggestions_meeting_id'))
        batch_op.drop_index(batch_op.f('ix_suggestions_b_id'))

    op.drop_table('suggestions')
    op.drop_table('suggestion_rounds')

