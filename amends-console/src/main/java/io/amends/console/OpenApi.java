package io.amends.console;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Describes the API as an OpenAPI 3.1 document, made from its endpoints. */
final class OpenApi {
    /** What any endpoint may answer. */
    private static final List<ProblemKind> EVERYWHERE = List.of(
            // a query that has what the endpoint does not know
            ProblemKind.INVALID_REQUEST,
            ProblemKind.UNAUTHENTICATED,
            ProblemKind.SESSION_ENDED,
            ProblemKind.REMOTE_ACCESS,
            ProblemKind.FORBIDDEN,
            // another method at the same path
            ProblemKind.METHOD_NOT_ALLOWED,
            ProblemKind.TOO_MANY_REQUESTS,
            ProblemKind.INTERNAL_ERROR,
            ProblemKind.DATABASE_AWAY);

    private static final List<ProblemKind> OF_COMMANDS =
            List.of(ProblemKind.CROSS_SITE, ProblemKind.TOO_LARGE, ProblemKind.UNSUPPORTED_MEDIA_TYPE);

    private final JsonSchemas schemas = new JsonSchemas();

    private OpenApi() {}

    /** The document as formatted JSON. */
    static byte[] document(List<Endpoint> endpoints) {
        return Json.pretty(new OpenApi().describe(endpoints));
    }

    private Map<String, Object> describe(List<Endpoint> endpoints) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("openapi", "3.1.0");
        document.put(
                "info",
                ordered(
                        "title",
                        "Amends operator API",
                        "version",
                        "1",
                        "description",
                        "What a person or a program can see and do about failed executions. Times are ISO 8601 in UTC,"
                                + " durations ISO 8601. Lists are read page by page: send a page's `next` as `after`.",
                        "license",
                        ordered("name", "Apache-2.0", "identifier", "Apache-2.0")));
        document.put(
                "servers", List.of(ordered("url", "/amends/api/v1", "description", "amends.console.path + /api/v1")));
        Map<String, Map<String, Object>> paths = new LinkedHashMap<>();
        for (Endpoint endpoint : endpoints) {
            paths.computeIfAbsent(endpoint.path().replace("…", ""), path -> new LinkedHashMap<>())
                    .put(endpoint.method().toLowerCase(Locale.ROOT), operation(endpoint));
        }
        document.put("paths", paths);
        Map<String, Object> problem = schemas.answer(Problem.class);
        Map<String, Object> components = new LinkedHashMap<>();
        components.put("schemas", schemas.named());
        components.put("responses", problemResponses(endpoints, problem));
        components.put("headers", HEADERS);
        components.put(
                "securitySchemes",
                ordered(
                        "basic",
                        ordered("type", "http", "scheme", "basic", "description", "amends.console.access.mode=basic"),
                        "session",
                        ordered(
                                "type",
                                "apiKey",
                                "in",
                                "cookie",
                                "name",
                                "__Host-amends",
                                "description",
                                "amends.console.access.mode=oidc: set by sign-in, renewed by answers. Its name goes on with a dash"
                                        + " and a tag of the console's address; without TLS it has no __Host-.")));
        document.put("components", components);
        document.put("security", List.of(Map.of(), Map.of("basic", List.of()), Map.of("session", List.of())));
        return document;
    }

    private Map<String, Object> operation(Endpoint endpoint) {
        Map<String, Object> operation = new LinkedHashMap<>();
        operation.put("operationId", endpoint.id());
        operation.put("tags", List.of(endpoint.tag()));
        operation.put("summary", endpoint.summary());
        Permission permission = endpoint.permission();
        operation.put(
                "description",
                permission == null ? "Needs no permission." : "Needs the permission `" + permission.wireName() + "`.");
        List<Object> parameters = new ArrayList<>();
        Arrays.stream(endpoint.path().split("/"))
                .filter(part -> part.startsWith("{"))
                .map(part -> part.replaceAll("[{}…]", ""))
                .forEach(name -> parameters.add(pathParameter(endpoint, name)));
        endpoint.parameters().forEach(parameter -> parameters.add(parameter(parameter)));
        boolean command = endpoint.isCommand();
        if (command) {
            parameters.add(header(
                    "Idempotency-Key",
                    "At most 200 characters: the command is done once however often it is sent with this key, and"
                            + " answered the same."));
        }
        if (problemsOf(endpoint).contains(ProblemKind.CHANGED_MEANWHILE)) {
            parameters.add(header("If-Match", "The version that the record must have, as in ETag."));
        }
        if (!parameters.isEmpty()) {
            operation.put("parameters", parameters);
        }
        Class<? extends Record> body = endpoint.body();
        if (body != null) {
            Map<String, Object> schema = schemas.body(body);
            operation.put(
                    "requestBody",
                    ordered(
                            "required",
                            needsBody(body),
                            "content",
                            ordered(
                                    "application/json",
                                    ordered(
                                            "schema",
                                            schema,
                                            "example",
                                            new JsonExamples(schemas.named()).ofBody(schema)))));
        }
        Map<String, Object> responses = new TreeMap<>();
        for (Endpoint.Answer answer : endpoint.answers()) {
            Map<String, Object> response = ordered("description", answer.description());
            Map<String, Object> headers = headers(endpoint);
            if (!headers.isEmpty()) {
                response.put("headers", headers);
            }
            response.put("content", ordered(answer.mediaType(), content(answer)));
            responses.put(Integer.toString(answer.status()), response);
        }
        for (int status : new TreeSet<>(
                problemsOf(endpoint).stream().map(ProblemKind::status).toList())) {
            List<ProblemKind> kinds = problemsOf(endpoint).stream()
                    .filter(kind -> kind.status() == status)
                    .toList();
            responses.put(Integer.toString(status), ordered("$ref", "#/components/responses/" + responseName(kinds)));
        }
        operation.put("responses", responses);
        return operation;
    }

    private static final Map<String, Object> HEADERS = ordered(
            "ETag",
            described("The version of what is answered, quoted; send it back as If-Match."),
            "Idempotency-Replayed",
            described("true: the command was done before with this Idempotency-Key, and is answered the same."),
            "Retry-After",
            described("After how many seconds it is worth to try again."),
            "Allow",
            described("The methods that the path has."),
            "WWW-Authenticate",
            described("How to sign in, in mode basic."),
            "Amends-Sign-In",
            described("The address at which a person signs in, in mode oidc."));

    private static Map<String, Object> described(String description) {
        return ordered("description", description, "schema", ordered("type", "string"));
    }

    private static Map<String, Object> headers(Endpoint endpoint) {
        List<String> names = new ArrayList<>();
        if (endpoint.answersVersion()) {
            names.add("ETag");
        }
        if (endpoint.isCommand()) {
            names.add("Idempotency-Replayed");
        }
        return references(names);
    }

    private static Map<String, Object> headers(List<ProblemKind> kinds) {
        List<String> names = new ArrayList<>();
        if (kinds.contains(ProblemKind.UNAUTHENTICATED)) {
            names.add("WWW-Authenticate");
            names.add("Amends-Sign-In");
        }
        if (kinds.contains(ProblemKind.METHOD_NOT_ALLOWED)) {
            names.add("Allow");
        }
        if (kinds.contains(ProblemKind.TOO_MANY_REQUESTS) || kinds.contains(ProblemKind.DATABASE_AWAY)) {
            names.add("Retry-After");
        }
        return references(names);
    }

    private static Map<String, Object> references(List<String> names) {
        Map<String, Object> headers = new LinkedHashMap<>();
        names.forEach(name -> headers.put(name, ordered("$ref", "#/components/headers/" + name)));
        return headers;
    }

    private static Map<String, Object> pathParameter(Endpoint endpoint, String name) {
        Map<String, Object> parameter = ordered("name", name, "in", "path", "required", true);
        if (endpoint.path().contains("{" + name + "…}")) {
            parameter.put("description", LaneAddress.DESCRIBED);
        }
        parameter.put("schema", ordered("type", "string"));
        return parameter;
    }

    private Map<String, Object> content(Endpoint.Answer answer) {
        Map<String, Object> schema = schemaOf(answer);
        Object example = answer.example() != null
                ? Json.map(answer.example())
                : answer.mediaType().equals("text/event-stream")
                        ? "id: 1a-7\nevent: lanes\ndata: {\"mark\":\"5f\"}\n\n"
                        : new JsonExamples(schemas.named()).of(schema);
        return ordered("schema", schema, "example", example);
    }

    private Map<String, Object> schemaOf(Endpoint.Answer answer) {
        return answer.mediaType().equals("application/json")
                ? schemas.answer(answer.type())
                : new LinkedHashMap<>(Map.of("type", "string"));
    }

    private static boolean needsBody(Class<? extends Record> body) {
        return Arrays.stream(body.getRecordComponents())
                .anyMatch(component ->
                        !component.getAnnotatedType().isAnnotationPresent(org.jspecify.annotations.Nullable.class));
    }

    private static List<ProblemKind> problemsOf(Endpoint endpoint) {
        TreeSet<ProblemKind> kinds = new TreeSet<>(EVERYWHERE);
        kinds.addAll(endpoint.problems());
        if (endpoint.isCommand()) {
            kinds.addAll(OF_COMMANDS);
        }
        if (endpoint.path().contains("{")) {
            kinds.add(ProblemKind.NOT_FOUND);
        }
        return List.copyOf(kinds);
    }

    private static String responseName(List<ProblemKind> kinds) {
        return kinds.stream()
                .map(kind -> Arrays.stream(kind.code().split("-"))
                        .map(word -> word.substring(0, 1).toUpperCase(Locale.ROOT) + word.substring(1))
                        .collect(Collectors.joining()))
                .collect(Collectors.joining("Or"));
    }

    private static Map<String, Object> problemResponses(List<Endpoint> endpoints, Map<String, Object> schema) {
        Map<String, Object> responses = new TreeMap<>();
        for (Endpoint endpoint : endpoints) {
            problemsOf(endpoint).stream()
                    .collect(Collectors.groupingBy(ProblemKind::status, TreeMap::new, Collectors.toList()))
                    .values()
                    .forEach(kinds -> responses.put(responseName(kinds), problemResponse(kinds, schema)));
        }
        return responses;
    }

    private static Map<String, Object> problemResponse(List<ProblemKind> kinds, Map<String, Object> schema) {
        Map<String, Object> examples = new LinkedHashMap<>();
        kinds.forEach(kind ->
                examples.put(kind.code(), ordered("value", JsonExamples.of(kind.with(kind.description())))));
        Map<String, Object> response = ordered(
                "description",
                kinds.stream()
                        .map(kind -> kind.code() + ": " + kind.description())
                        .collect(Collectors.joining(" ")));
        Map<String, Object> headers = headers(kinds);
        if (!headers.isEmpty()) {
            response.put("headers", headers);
        }
        response.put("content", ordered(Problem.MEDIA_TYPE, ordered("schema", schema, "examples", examples)));
        return response;
    }

    private static Map<String, Object> header(String name, String description) {
        return ordered("name", name, "in", "header", "description", description, "schema", ordered("type", "string"));
    }

    private static Map<String, Object> parameter(Parameter parameter) {
        Map<String, Object> value = new LinkedHashMap<>();
        switch (parameter.kind()) {
            case TEXT -> {
                value.put("type", "string");
                if (!parameter.oneOf().isEmpty()) {
                    value.put("enum", parameter.oneOf());
                }
            }
            case CURSOR -> value.put("type", "string");
            case INSTANT -> {
                value.put("type", "string");
                value.put("format", "date-time");
            }
            case NUMBER -> {
                value.put("type", "integer");
                value.put("format", "int64");
            }
            case LIMIT -> {
                value.put("type", "integer");
                value.put("minimum", 1);
                value.put("maximum", Query.MAX_LIMIT);
                value.put("default", Query.DEFAULT_LIMIT);
            }
            case TRUTH -> value.put("type", "boolean");
        }
        Map<String, Object> described =
                ordered("name", parameter.name(), "in", "query", "description", parameter.description());
        if (parameter.repeated()) {
            described.put("explode", false);
            described.put("schema", ordered("type", "array", "items", value));
        } else {
            described.put("schema", value);
        }
        return described;
    }

    static Map<String, Object> ordered(Object... namesAndValues) {
        Map<String, Object> map = new LinkedHashMap<>();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            map.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return map;
    }
}
