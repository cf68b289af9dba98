package io.amends.spring.cloudevents;

import io.amends.console.Problem;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.List;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;
import org.springframework.http.MediaType;
import org.springframework.web.servlet.function.RouterFunction;
import org.springframework.web.servlet.function.RouterFunctions;
import org.springframework.web.servlet.function.ServerRequest;
import org.springframework.web.servlet.function.ServerResponse;

/**
 * The door in Spring MVC: POST answers 202 when every event is durable, else problem details.
 */
public final class CloudEventsRoutes {
    private final CloudEventsDoor door;

    private CloudEventsRoutes(CloudEventsDoor door) {
        this.door = door;
    }

    /** The route at this path. */
    public static RouterFunction<ServerResponse> at(String path, CloudEventsDoor door) {
        return RouterFunctions.route()
                .POST(path, new CloudEventsRoutes(door)::receive)
                .build();
    }

    private ServerResponse receive(ServerRequest request) throws IOException {
        HttpServletRequest servletRequest = request.servletRequest();
        NavigableMap<String, List<String>> headers = new TreeMap<>(String.CASE_INSENSITIVE_ORDER);
        request.headers().asHttpHeaders().forEach(headers::put);
        Optional<Problem> problem =
                door.receive(servletRequest.getContentType(), headers, servletRequest.getInputStream());
        return problem.map(CloudEventsRoutes::answer)
                .orElseGet(() -> ServerResponse.accepted().build());
    }

    private static ServerResponse answer(Problem problem) {
        ServerResponse.BodyBuilder response = ServerResponse.status(problem.status());
        if (problem.status() == 503) {
            response.header("Retry-After", "1");
        }
        return response.contentType(MediaType.parseMediaType(Problem.MEDIA_TYPE))
                .body(problem.toJson());
    }
}
