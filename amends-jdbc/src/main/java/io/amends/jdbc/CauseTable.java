package io.amends.jdbc;

import io.amends.core.failure.Fingerprint;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;

/** What fingerprints were made of, once for each; removed with its group. */
final class CauseTable {
    private final String explain;
    private final String why;

    CauseTable(SchemaName schema) {
        explain = schema.in("insert into ${schema}.failure_group_why (fingerprint, inputs) values (?, ?)"
                + " on conflict (fingerprint) do nothing");
        why = schema.in("select inputs from ${schema}.failure_group_why where fingerprint = ?");
    }

    int explain(Session session, Fingerprint cause) throws SQLException {
        return session.update(explain, statement -> {
            statement.setString(1, cause.value());
            Session.setTexts(statement, 2, cause.inputs());
        });
    }

    List<String> why(Session session, String fingerprint) throws SQLException {
        return session.first(
                        why,
                        statement -> statement.setString(1, fingerprint),
                        row -> Arrays.asList((String[]) row.getArray(1).getArray()))
                .orElse(List.of());
    }
}
