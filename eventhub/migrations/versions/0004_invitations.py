"""the adult who answers for a nominated child

Revision: 0004_invitations
"""

import sqlalchemy as sa
from alembic import op

revision = "0004_invitations"
down_revision = "0010_meeting_dates"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("nominations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("contact_name", sa.Text(), server_default="", nullable=False))
        batch_op.add_column(sa.Column("contact_email", sa.Text(), server_default="", nullable=False))


def downgrade():
    with op.batch_alter_table("nominations", schema=None) as batch_op:
        batch_op.drop_column("contact_email")
        batch_op.drop_column("contact_name")
