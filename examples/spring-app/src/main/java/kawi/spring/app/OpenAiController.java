package kawi.spring.app;

import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.UUID;
import kawi.Cancellation;
import kawi.server.protocol.Api;
import kawi.server.protocol.ApiRequest;
import kawi.server.protocol.ApiResponse;
import kawi.server.protocol.EventSink;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.http.MediaType;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The OpenAI protocol under {@code /v1}, answered by the handler of the module kawi-server. It writes to the response on
 * the thread of the request, which may block because it is virtual.
 */
@RestController
@ConditionalOnProperty("app.openai.enabled")
class OpenAiController {

    private static final int MAX_BODY = 4 << 20;

    private final Api api;

    OpenAiController(Api api) {
        this.api = api;
    }

    @RequestMapping("/v1/**")
    void answer(HttpServletRequest request, HttpServletResponse response) throws IOException {
        byte[] body = request.getInputStream().readNBytes(MAX_BODY + 1);
        if (body.length > MAX_BODY) {
            response.sendError(HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE);
            return;
        }
        Cancellation cancellation = new Cancellation();
        ApiResponse answer = api.handle(new ApiRequest(
                request.getMethod(),
                request.getRequestURI(),
                body,
                cancellation,
                UUID.randomUUID().toString()));
        answer.headers().forEach(response::setHeader);
        switch (answer) {
            case ApiResponse.Complete complete -> {
                response.setStatus(complete.status());
                response.setContentType(complete.contentType());
                response.setContentLength(complete.body().length);
                response.getOutputStream().write(complete.body());
            }
            case ApiResponse.Events events -> {
                response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
                try {
                    events.source().writeTo(new Events(response.getOutputStream()));
                } finally {
                    cancellation.cancel();
                }
            }
        }
    }

    /** Writes events, each as soon as it has occurred. */
    private record Events(OutputStream output) implements EventSink {

        @Override
        public void event(@Nullable String name, String data) throws IOException {
            write((name == null ? "" : "event: " + name + "\n") + "data: " + data + "\n\n");
        }

        @Override
        public void comment(String text) throws IOException {
            write(": " + text + "\n\n");
        }

        private void write(String text) throws IOException {
            output.write(text.getBytes(StandardCharsets.UTF_8));
            output.flush();
        }
    }
}
