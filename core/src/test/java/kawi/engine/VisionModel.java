package kawi.engine;

import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import kawi.Message;
import kawi.Model;
import kawi.ModelLoader;
import kawi.Part;
import kawi.RandomModel;

/** A tiny model with random weights that sees images, and pictures for it. */
record VisionModel(Path file) {

    private static final RandomModel TINY = RandomModel.of("tiny").type("F32").vision(true);

    /** Writes the model and its tower to a folder. */
    static VisionModel in(Path folder) throws IOException {
        Path model = Files.createDirectories(folder).resolve("tiny.gguf");
        TINY.writeTo(model, step -> {});
        TINY.writeVisionTo(folder.resolve("mmproj-tiny-F32.gguf"), step -> {});
        return new VisionModel(model);
    }

    /** A loader for small pictures. */
    ModelLoader loader() {
        return Model.loader(file).imageTokens(1, 2048);
    }

    LoadedModel load() {
        return (LoadedModel) loader().load();
    }

    /** A picture of {@code columns} x {@code rows} tokens, which another seed makes another one. */
    static Part.Image picture(int seed, int columns, int rows) {
        Random random = new Random(seed);
        BufferedImage image = new BufferedImage(32 * columns, 32 * rows, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < image.getHeight(); y++) {
            for (int x = 0; x < image.getWidth(); x++) {
                image.setRGB(x, y, random.nextInt());
            }
        }
        return Part.image(image);
    }

    static Message ask(String text, Part... pictures) {
        Part[] content = new Part[pictures.length + 1];
        System.arraycopy(pictures, 0, content, 0, pictures.length);
        content[pictures.length] = Part.text(text);
        return Message.user(content);
    }
}
