package io.amends.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * One operation of the API: what it takes, needs and answers. Routing, access and the OpenAPI document come from it.
 *
 * @param method GET, or POST, PUT or DELETE for a command
 * @param path below {@code /api/v1}; {@code {name}} is a part, {@code {name…}} one part or more, at most once
 * @param id the operation's name in generated clients
 * @param tag the group it is shown in
 * @param summary what it does
 * @param permission what the caller must be allowed
 * @param parameters of the query
 * @param body the record that describes the body, or null if it takes none
 * @param answers what it answers if all is well
 * @param problems the codes of its own problems
 * @param handler answers
 */
record Endpoint(
        String method,
        String path,
        String id,
        String tag,
        String summary,
        @Nullable Permission permission,
        List<Parameter> parameters,
        @Nullable Class<? extends Record> body,
        List<Answer> answers,
        List<ProblemKind> problems,
        Handler handler) {

    /** Answers a call. */
    @FunctionalInterface
    interface Handler {
        ApiResponse answer(Call call);
    }

    /**
     * An answer if all is well.
     *
     * @param status the HTTP status
     * @param type the record in the body; {@link Object} for JSON of any kind
     * @param mediaType the body's type
     * @param description in words
     * @param example such an answer, or null if none is shown
     */
    record Answer(
            int status,
            Class<?> type,
            String mediaType,
            String description,
            @Nullable Object example) {}

    static Endpoint get(String path, String id, String tag, String summary) {
        return new Endpoint(
                "GET",
                path,
                id,
                tag,
                summary,
                Permission.FAILURES_READ,
                List.of(),
                null,
                List.of(),
                List.of(),
                call -> {
                    throw new IllegalStateException("no handler: " + id);
                });
    }

    /** A command: takes JSON, has a line in the audit, and may be sent again with its Idempotency-Key. */
    static Endpoint post(String path, String id, String tag, String summary, Class<? extends Record> body) {
        return command("POST", path, id, tag, summary, body);
    }

    /** A command by another method. */
    static Endpoint command(
            String method, String path, String id, String tag, String summary, Class<? extends Record> body) {
        Endpoint get = get(path, id, tag, summary);
        return new Endpoint(
                method,
                path,
                id,
                tag,
                summary,
                get.permission,
                List.of(),
                body,
                List.of(),
                List.of(ProblemKind.IDEMPOTENCY_KEY_REUSED, ProblemKind.OUTCOME_UNKNOWN),
                get.handler);
    }

    /** Whether it tells of every processor, so that its permission is needed for all. */
    boolean ofEveryProcessor() {
        return path.equals("/stream");
    }

    /** Whether its answer names a version in ETag: of a failed execution or of a lane. */
    boolean answersVersion() {
        return Set.of("getFailure", "getLane").contains(id) || (path.startsWith("/failures/{id}/") && isCommand());
    }

    boolean isCommand() {
        return !method.equals("GET");
    }

    Endpoint needs(@Nullable Permission needed) {
        return new Endpoint(method, path, id, tag, summary, needed, parameters, body, answers, problems, handler);
    }

    Endpoint takes(Parameter... taken) {
        return new Endpoint(
                method, path, id, tag, summary, permission, List.of(taken), body, answers, problems, handler);
    }

    Endpoint answers(int status, Class<?> type, String description) {
        return answers(status, type, "application/json", description);
    }

    Endpoint answers(int status, Class<?> type, String mediaType, String description) {
        List<Answer> all = new ArrayList<>(answers);
        all.add(new Answer(status, type, mediaType, description, null));
        return new Endpoint(
                method, path, id, tag, summary, permission, parameters, body, List.copyOf(all), problems, handler);
    }

    /** Shows an example of the last answer in the API's description. */
    Endpoint shows(Object example) {
        List<Answer> all = new ArrayList<>(answers);
        Answer last = all.removeLast();
        all.add(new Answer(last.status(), last.type(), last.mediaType(), last.description(), example));
        return new Endpoint(
                method, path, id, tag, summary, permission, parameters, body, List.copyOf(all), problems, handler);
    }

    Endpoint refuses(ProblemKind... kinds) {
        List<ProblemKind> all = new ArrayList<>(problems);
        all.addAll(Arrays.asList(kinds));
        return new Endpoint(
                method, path, id, tag, summary, permission, parameters, body, answers, List.copyOf(all), handler);
    }

    Endpoint by(Handler by) {
        return new Endpoint(method, path, id, tag, summary, permission, parameters, body, answers, problems, by);
    }

    /** The variable parts if the path is this endpoint's. An open part takes all that what follows it leaves. */
    Optional<Map<String, String>> match(String asked) {
        List<String> own = List.of(path.substring(1).split("/", -1));
        List<String> given = List.of(asked.replaceFirst("^/", "").split("/", -1));
        int more = given.size() - own.size();
        if (more < 0) {
            return Optional.empty();
        }
        Map<String, String> variables = new TreeMap<>();
        int at = 0;
        for (String part : own) {
            if (part.endsWith("…}")) {
                variables.put(part.substring(1, part.length() - 2), String.join("/", given.subList(at, at + more + 1)));
                at += more;
            } else if (part.startsWith("{")) {
                variables.put(part.substring(1, part.length() - 1), given.get(at));
            } else if (!part.equals(given.get(at))) {
                return Optional.empty();
            }
            at++;
        }
        return at == given.size() ? Optional.of(variables) : Optional.empty();
    }
}
