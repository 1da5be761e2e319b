package kawi.spring.ai.autoconfigure;

import org.jspecify.annotations.Nullable;
import org.springframework.boot.diagnostics.AbstractFailureAnalyzer;
import org.springframework.boot.diagnostics.FailureAnalysis;

/** Says how to configure a model if an application does not start for lack of one. */
final class ModelFailureAnalyzer extends AbstractFailureAnalyzer<ModelNotAvailableException> {

    private static final String CHOICES = """
            - a GGUF file or a Hugging Face folder, for example /models/Qwen3.5-0.8B-Q4_0.gguf
            - a reference to a model on a hub, for example hf:Qwen/Qwen3.5-0.8B
            - a resource, for example classpath:kawi/demo/demo-q8_0.gguf with the dependency dev.kawi:kawi-demo-model\
            """;

    @Override
    protected @Nullable FailureAnalysis analyze(Throwable root, ModelNotAvailableException failure) {
        String action = failure.model() == null
                ? "Set spring.ai.kawi.model to one of these, or define a bean of type kawi.Model:\n\n" + CHOICES
                        + "\n\nIf the application uses another chat model, set spring.ai.model.chat to its name."
                : "Correct the problem, or set spring.ai.kawi.model to one of these:\n\n" + CHOICES;
        return new FailureAnalysis(failure.getMessage(), action, root);
    }
}
