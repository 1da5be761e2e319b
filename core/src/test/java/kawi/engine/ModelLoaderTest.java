package kawi.engine;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import kawi.Model;
import kawi.ModelFileException;
import kawi.ModelLoader;
import kawi.Progress;
import kawi.files.Fixture;
import org.junit.jupiter.api.Test;

class ModelLoaderTest {

    private static final String GGUF = Fixture.path(Fixture.Q8_0_GGUF).toString();

    @Test
    void aReferenceWithoutPrefixIsAPath() {
        try (Model model = Model.load(GGUF)) {
            assertEquals("model-q8_0.gguf", model.name());
        }
        String message = String.valueOf(assertThrows(ModelFileException.class, () -> Model.load("Qwen/Qwen3.5-0.8B"))
                .getMessage());
        assertTrue(message.contains("does not exist"), message);
    }

    @Test
    void aWrongReferenceIsASentenceBeforeAnythingIsLoaded() {
        String message = String.valueOf(assertThrows(ModelFileException.class, () -> Model.loader("hf:Qwen"))
                .getMessage());
        assertTrue(message.contains("expected hf:OWNER/REPOSITORY"), message);
    }

    @Test
    void offlineNothingIsFetched() {
        ModelLoader loader = Model.loader("hf:no-such-owner/no-such-model:Q4_0").offline(true);
        String message = String.valueOf(
                assertThrows(ModelFileException.class, loader::load).getMessage());
        assertTrue(message.contains("is not in the cache") && message.contains("offline"), message);
    }

    @Test
    void tellsHowFarLoadingHasCome() {
        List<Progress.Step> steps = new ArrayList<>();
        try (Model model = Model.loader(GGUF).progress(steps::add).load()) {
            assertTrue(steps.size() > 5, steps.toString());
            long before = 0;
            for (Progress.Step step : steps) {
                assertEquals(Progress.Stage.LOAD, step.stage());
                assertEquals(model.name(), step.subject());
                assertEquals(model.memoryPlan().weights(), step.total());
                assertTrue(step.done() > before, steps.toString());
                before = step.done();
            }
            assertEquals(model.memoryPlan().weights(), before);
        }
    }

    @Test
    void aListenerThatThrowsEndsTheLoading() {
        ModelLoader loader = Model.loader(GGUF).progress(step -> {
            throw new IllegalStateException("enough");
        });
        assertEquals(
                "enough",
                assertThrows(IllegalStateException.class, loader::load).getMessage());
    }
}
