package kawi.langchain4j;

import dev.langchain4j.exception.InvalidRequestException;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.common.AbstractStreamingChatModelListenerIT;
import dev.langchain4j.model.chat.listener.ChatModelListener;
import kawi.Model;
import kawi.demo.DemoModel;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.TestInstance;

/** LangChain4j's conformance tests of listeners of streaming chat models, on the demo model. All of them run. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class KawiStreamingChatModelListenerKitTest extends AbstractStreamingChatModelListenerIT {

    private final Model model = DemoModel.loader().threads(1).load();
    private final Model small = DemoModel.loader().threads(1).contextLength(8).load();

    @AfterAll
    void close() {
        model.close();
        small.close();
    }

    @Override
    protected StreamingChatModel createModel(ChatModelListener listener) {
        return KawiStreamingChatModel.builder()
                .model(model)
                .temperature(temperature())
                .topP(topP())
                .maxOutputTokens(maxTokens())
                .listeners(listener)
                .build();
    }

    @Override
    protected String modelName() {
        return model.name();
    }

    /** The prompt does not fit into the context. */
    @Override
    protected StreamingChatModel createFailingModel(ChatModelListener listener) {
        return KawiStreamingChatModel.builder().model(small).listeners(listener).build();
    }

    @Override
    protected Class<? extends Exception> expectedExceptionClass() {
        return InvalidRequestException.class;
    }
}
