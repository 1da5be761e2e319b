package kawi.demo;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import kawi.Model;
import kawi.ModelLoader;

/**
 * The demo models, two small language models that are part of this jar, with which Kawi can be tried without a
 * download. The first has 2.4 million parameters and tells short stories in English.
 *
 * {@snippet :
 *    try (Model model = DemoModel.load()) {
 *        System.out.println(model.generate("Tell me a story about a fox who lost a kite.").text());
 *    }
 * }
 *
 * The second also has a vision tower, and answers questions about small pictures of shapes, digits and bar charts, nine
 * in ten of them right.
 *
 * {@snippet :
 *    try (Model model = DemoModel.vision()) {
 *        System.out.println(model.prompt("What is in the picture?").image(Path.of("circle.png")).generate().text());
 *    }
 * }
 */
public final class DemoModel {

    private static final String STORIES = "demo-q8_0.gguf";
    private static final String PICTURES = "vision/demo-vision-q8_0.gguf";
    private static final String TOWER = "vision/mmproj-demo-vision-f16.gguf";

    private DemoModel() {}

    /** Loads the text model into memory (3 MB). The caller must close it. */
    public static Model load() {
        return loader().load();
    }

    /** Returns a loader for the text model, with which settings can be changed before loading. */
    public static ModelLoader loader() {
        return Model.loader(resource(STORIES), STORIES);
    }

    /** Loads the model for pictures into memory (4 MB). The caller must close it. */
    public static Model vision() {
        return visionLoader().load();
    }

    /** Returns a loader for the model for pictures, with which settings can be changed before loading. */
    public static ModelLoader visionLoader() {
        return Model.loader(resource(PICTURES), PICTURES).vision(resource(TOWER), TOWER);
    }

    private static byte[] resource(String name) {
        try (InputStream in = Objects.requireNonNull(DemoModel.class.getResourceAsStream(name), name)) {
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
