package kawi.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import kawi.Model;
import kawi.ModelLoader;

/**
 * The demo model, a language model with 2.4 million parameters that is part of this jar. It tells short stories in
 * English, and can be used to try Kawi without a download.
 *
 * {@snippet :
 *    try (Model model = DemoModel.load()) {
 *        System.out.println(model.generate("Tell me a story about a fox who lost a kite.").text());
 *    }
 * }
 */
public final class DemoModel {

    private static final String FILE = "demo-q8_0.gguf";

    private DemoModel() {}

    /** Loads the model into memory (3 MB). The caller must close it. */
    public static Model load() {
        return loader().load();
    }

    /** Returns a loader for the model, with which settings can be changed before loading. */
    public static ModelLoader loader() {
        try (InputStream gguf = Objects.requireNonNull(DemoModel.class.getResourceAsStream(FILE), FILE)) {
            return Model.loader(gguf.readAllBytes(), FILE);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
