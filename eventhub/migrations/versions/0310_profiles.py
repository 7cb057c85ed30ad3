"""what participants offer and seek

Revision: 0310_profiles, after 0205_ratings
"""

import eventhub.db
import sqlalchemy as sa
from alembic import op

revision = '0310_profiles'
down_revision = '0205_ratings'
branch_labels = None
depends_on = None


def upgrade():

    op.create_table('profiles',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('registration_id', sa.Integer(), nullable=False),
    sa.Column('meeting_id', sa.Integer(), nullable=False),
    sa.Column('listed', sa.Boolean(), nullable=False),
    sa.Column('contact', sa.Enum('nobody', 'confirmed', 'everybody', name='contact', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('offers', sa.Text(), nullable=False),
    sa.Column('seeks', sa.Text(), nullable=False),
    sa.Column('works_on', sa.Text(), nullable=False),
    sa.Column('search_text', sa.Text(), nullable=False),
    sa.Column('updated_at', eventhub.db.UTCDateTime(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['meeting_id'], ['meetings.id'], name=op.f('fk_profiles_meeting_id_meetings')),
    sa.ForeignKeyConstraint(['registration_id'], ['registrations.id'], name=op.f('fk_profiles_registration_id_registrations')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profiles')),
    sa.UniqueConstraint('registration_id', name=op.f('uq_profiles_registration_id'))
    )
    with op.batch_alter_table('profiles', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_profiles_meeting_id'), ['meeting_id'], unique=False)

    op.create_table('profile_codes',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('profile_id', sa.Integer(), nullable=False),
    sa.Column('side', sa.Enum('offers', 'seeks', 'works_on', 'level', 'country', 'language', name='side', native_enum=False, create_constraint=True, length=24), nullable=False),
    sa.Column('scheme', sa.String(length=24), nullable=False),
    sa.Column('code', sa.String(length=40), nullable=False),
    sa.ForeignKeyConstraint(['profile_id'], ['profiles.id'], name=op.f('fk_profile_codes_profile_id_profiles')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_profile_codes')),
    sa.UniqueConstraint('profile_id', 'side', 'scheme', 'code', name=op.f('uq_profile_codes_profile_id_side_scheme_code'))
    )
    with op.batch_alter_table('profile_codes', schema=None) as batch_op:
        batch_op.create_index('ix_profile_codes_code', ['side', 'scheme', 'code'], unique=False)




def downgrade():

    with op.batch_alter_table('profile_codes', schema=None) as batch_op:
        batch_op.drop_index('ix_profile_codes_code')

    op.drop_table('profile_codes')
    with op.batch_alter_table('profiles', schema=None) as batch_op:
        batch_op.drop_index(batch_op.f('ix_profiles_meeting_id'))

    op.drop_table('profiles')

