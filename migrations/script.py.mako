"""${message}."""

from alembic import op

revision = ${repr(up_revision)}
down_revision = ${repr(down_revision)}
branch_labels = ${repr(branch_labels)}
depends_on = ${repr(depends_on)}

UP = """
SET LOCAL lock_timeout = '5s';
"""

DOWN = """
SET LOCAL lock_timeout = '5s';
"""


def upgrade() -> None:
    """${message}."""
    op.execute(UP)


def downgrade() -> None:
    """Undo it."""
    op.execute(DOWN)
