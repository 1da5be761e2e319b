package kawi.langchain4j;

import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.common.AbstractChatModelIT;
import dev.langchain4j.model.chat.request.ChatRequestParameters;
import dev.langchain4j.model.chat.response.ChatResponseMetadata;
import dev.langchain4j.model.output.TokenUsage;
import java.util.List;
import kawi.Model;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * LangChain4j's conformance tests of chat models, see {@link KitModel}. Not run, since a switch turns them off:
 *
 * <ul>
 *   <li>{@code should_accept_…_image…}: the demo model sees no images, and the kit fetches its images from the network.
 *       Instead, the tests run that they are refused.
 *   <li>{@code should_respect_modelName_…}: the model is in the process, and a request cannot choose another one.
 *       Instead, the test runs that another name is refused.
 *   <li>{@code should_fail_if_…_not_supported} of everything else: it is supported.
 * </ul>
 */
class KawiChatModelKitTest extends AbstractChatModelIT {

    private final Model model = KitModel.load();
    private final Model jsonModel = KitModel.loadForJson();

    @AfterAll
    void close() {
        model.close();
        jsonModel.close();
    }

    @Override
    protected List<ChatModel> models() {
        return List.of(KawiChatModel.builder().model(model).build());
    }

    @Override
    protected List<ChatModel> modelsSupportingStructuredOutputs() {
        return List.of(KawiChatModel.builder().model(jsonModel).build());
    }

    /** A test of structured output that is not given the models for it. */
    @Override
    @ParameterizedTest
    @MethodSource("modelsSupportingStructuredOutputs")
    protected void should_respect_JsonRawSchema_responseFormat(ChatModel model) {
        super.should_respect_JsonRawSchema_responseFormat(model);
    }

    @Override
    protected ChatModel createModelWith(ChatRequestParameters parameters) {
        return KawiChatModel.builder()
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

    @Override
    protected boolean supportsChatAsync() {
        return true;
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
    protected Class<? extends ChatResponseMetadata> chatResponseMetadataType(ChatModel model) {
        return KawiChatResponseMetadata.class;
    }

    @Override
    protected Class<? extends TokenUsage> tokenUsageType(ChatModel model) {
        return KawiTokenUsage.class;
    }
}
