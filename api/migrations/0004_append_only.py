"""The database keeps the ledger itself: rows are added and stay, and a transaction is sealed when it sums to zero.

A later migration that changes one of these tables on SQLite builds it anew, and fails while the triggers of the others
name it: run `backwards` before it and `forwards` after it there. tests/api/payments/test_ledger.py finds what is
missing.
"""

from django.db import migrations

TABLES = ("api_account", "api_transaction", "api_entry", "api_seal")
STAYS = "The ledger is only added to: post the opposite instead."
# What a row to be added must not find, and what is said then. `NEW` is the row. A row with the id (or source) of another
# is refused here too: INSERT OR REPLACE of SQLite would delete the other without asking the triggers of deletion.
ADDED = {
    "api_account": ("EXISTS (SELECT 1 FROM api_account WHERE id = NEW.id OR code = NEW.code)", "The account is there."),
    "api_transaction": (
        "EXISTS (SELECT 1 FROM api_transaction WHERE id = NEW.id OR seal_id = NEW.seal_id OR (source_type = "
        "NEW.source_type AND source_id = NEW.source_id AND kind = NEW.kind)) OR NEW.seal_id <> NEW.id",
        "The source was posted before, or the seal is that of another.",
    ),
    # Whoever does not see the transaction, as it is not committed yet, cannot add to it either.
    "api_entry": (
        "NOT EXISTS (SELECT 1 FROM api_transaction WHERE id = NEW.transaction_id) OR "
        "EXISTS (SELECT 1 FROM api_seal WHERE id = NEW.transaction_id) OR "
        "EXISTS (SELECT 1 FROM api_entry WHERE id = NEW.id)",
        "Nothing is added to a transaction that is sealed, or is not there.",
    ),
    "api_seal": (
        "NOT EXISTS (SELECT 1 FROM api_transaction WHERE id = NEW.id) OR EXISTS (SELECT 1 FROM api_seal WHERE id = "
        "NEW.id) OR EXISTS (SELECT 1 FROM api_entry WHERE transaction_id = NEW.id GROUP BY currency HAVING "
        "SUM(amount) <> 0)",
        "A transaction is sealed when its entries sum to zero in each currency.",
    ),
}


def statements(vendor):
    for table in TABLES:
        condition, sentence = ADDED[table]
        if vendor == "sqlite":
            for act in ("UPDATE", "DELETE"):
                yield (
                    f"CREATE TRIGGER {table}_no_{act.lower()} BEFORE {act} ON {table} "
                    f"BEGIN SELECT RAISE(ABORT, '{STAYS}'); END"
                )
            yield (
                f"CREATE TRIGGER {table}_added BEFORE INSERT ON {table} WHEN {condition} "
                f"BEGIN SELECT RAISE(ABORT, '{sentence}'); END"
            )
        else:
            refused = "RAISE EXCEPTION USING ERRCODE = 'integrity_constraint_violation', MESSAGE ="
            yield (
                f"CREATE FUNCTION {table}_stays() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN {refused} '{STAYS}'; END $$"
            )
            # For each statement: one that would touch no row is refused as well, and TRUNCATE knows no rows.
            yield (
                f"CREATE TRIGGER {table}_stays BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
                f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_stays()"
            )
            yield (
                f"CREATE FUNCTION {table}_added() RETURNS trigger LANGUAGE plpgsql AS $$ "
                f"BEGIN IF {condition} THEN {refused} '{sentence}'; END IF; RETURN NEW; END $$"
            )
            yield (
                f"CREATE TRIGGER {table}_added BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {table}_added()"
            )


def forwards(apps, schema_editor):
    for statement in statements(schema_editor.connection.vendor):
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    for table in TABLES:
        if schema_editor.connection.vendor == "sqlite":
            for name in ("no_update", "no_delete", "added"):
                schema_editor.execute(f"DROP TRIGGER {table}_{name}")
        else:
            for name in ("stays", "added"):
                schema_editor.execute(f"DROP FUNCTION {table}_{name}() CASCADE")


class Migration(migrations.Migration):
    dependencies = [("api", "0003_payments")]

    operations = [migrations.RunPython(forwards, backwards)]
