package io.amends.benchmarks;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects tables, and writes them as Markdown. */
final class Report {
    private final StringBuilder text = new StringBuilder();
    private final PrintStream out;

    Report(PrintStream out) {
        this.out = out;
    }

    /** Adds a line of text. */
    void line(String line) {
        text.append(line).append("\n\n");
        out.println(line);
    }

    /** Begins a table. */
    Table table(String title, String... columns) {
        line("### " + title);
        Table table = new Table();
        table.row((Object[]) columns);
        table.write("|" + "---|".repeat(columns.length));
        return table;
    }

    /** Writes everything into a file. */
    void save(Path file) throws IOException {
        Files.createDirectories(file.toAbsolutePath().getParent());
        Files.writeString(file, text);
    }

    /** A table under way; its rows are printed as they come. */
    final class Table {
        void row(Object... cells) {
            List<String> texts = new ArrayList<>();
            for (Object cell : cells) {
                texts.add(cell instanceof Double number ? number(number) : String.valueOf(cell));
            }
            write("| " + String.join(" | ", texts) + " |");
        }

        void end() {
            write("");
        }

        private void write(String line) {
            text.append(line).append("\n");
            out.println(line);
        }

        private String number(double value) {
            return String.format(Locale.ROOT, value >= 100 ? "%,.0f" : value >= 10 ? "%.1f" : "%.2f", value);
        }
    }
}
