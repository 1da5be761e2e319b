package kawi.langchain4j;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelIT;
import dev.langchain4j.model.chat.common.StreamingMode;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import kawi.Model;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.mockito.InOrder;

/**
 * LangChain4j's conformance tests of streaming chat models, each with a handler and with a subscriber, see
 * {@link KitModel}. Not run are those that {@link KawiChatModelKitTest} names, and
 *
 * <ul>
 *   <li>{@code should_cancel_streaming} with a subscriber: the kit itself limits it to handlers.
 *   <li>the part of the tests of tools about partial calls ({@link #supportsPartialToolStreaming}): the model writes a
 *       call in a syntax whose arguments are JSON only when it is complete.
 * </ul>
 */
class KawiStreamingChatModelKitTest extends AbstractStreamingChatModelIT {

    private final Model model = KitModel.load();
    private final Model jsonModel = KitModel.loadForJson();

    @AfterAll
    void close() {
        model.close();
        jsonModel.close();
    }

    @Override
    protected List<StreamingMode> streamingModes() {
        return List.of(StreamingMode.HANDLER, StreamingMode.PUBLISHER);
    }

    @Override
    protected List<StreamingChatModel> baseModels() {
        return List.of(KawiStreamingChatModel.builder().model(model).build());
    }

    @Override
    public StreamingChatModel createModelWith(ChatModelListener listener) {
        return KawiStreamingChatModel.builder().model(model).listeners(listener).build();
    }

    @Override
    protected List<StreamingChatModel> baseModelsSupportingStructuredOutputs() {
        return List.of(KawiStreamingChatModel.builder().model(jsonModel).build());
    }

    /** A test of structured output that is not given the models for it. */
    @Override
    @ParameterizedTest
    @MethodSource("modelsSupportingStructuredOutputs")
    protected void should_respect_JsonRawSchema_responseFormat(StreamingChatModel model) {
        super.should_respect_JsonRawSchema_responseFormat(model);
    }

    @Override
    protected StreamingChatModel createModelWith(ChatRequestParameters parameters) {
        return KawiStreamingChatModel.builder()
                .model(model)
                .defaultRequestParameters(parameters)
                .build();
    }

    @Override
    protected ChatRequestParameters createIntegrationSpecificParameters(int maxOutputTokens) {
        return KawiChatRequestParameters.builder()
                .maxOutputTokens(maxOutputTokens)
                .build();
    }

    /** All calls of a handler, and all of a subscriber, are made by one thread other than the caller's. */
    @Override
    protected boolean assertThreads() {
        return true;
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id) {
        order.verify(handler).onCompleteToolCall(complete(0, id, "getWeather", "{\"city\":\"Munich\"}"));
    }

    @Override
    protected void verifyToolCallbacks(StreamingChatResponseHandler handler, InOrder order, String id1, String id2) {
        order.verify(handler).onCompleteToolCall(complete(0, id1, "getWeather", "{\"city\":\"Munich\"}"));
        order.verify(handler).onCompleteToolCall(complete(1, id2, "getTime", "{\"country\":\"France\"}"));
    }

    @Override
    protected boolean supportsPartialToolStreaming(StreamingChatModel model) {
        return false;
    }

    @Override
    protected boolean supportsModelNameParameter() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsBase64EncodedString() {
        return false;
    }

    @Override
    protected boolean supportsSingleImageInputAsPublicURL() {
        return false;
    }

    @Override
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(StreamingChatModel model) {
        return KawiChatResponseMetadata.class;
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(StreamingChatModel model) {
        return KawiTokenUsage.class;
    }
}
