package kawi.cli;

import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import kawi.ImageUse;
import kawi.Model;
import kawi.Part;
import kawi.Reply;

/**
 * Measures how long a model takes to see an image that it has not seen before: a JPEG file of blocks of random colours,
 * which is decoded, resized and divided into patches (preparation), and passed through the vision tower (encoding).
 */
final class ImageMeasurement {

    private static final Pattern SIZE = Pattern.compile("(\\d{1,5})x(\\d{1,5})");
    private static final int BLOCK = 8;
    private static final String QUESTION = "What is this?";

    private final Model model;
    private final int width;
    private final int height;
    private final SplittableRandom random = new SplittableRandom(1);
    private final List<Double> preparation = new ArrayList<>();
    private final List<Double> encoding = new ArrayList<>();
    private final List<Double> seen = new ArrayList<>();
    private final List<Double> again = new ArrayList<>();
    private ImageUse use = new ImageUse(1, 0, 0, 0, 0, 0);

    /** @param size such as 1024x768 */
    ImageMeasurement(Model model, String size) {
        Matcher sizes = SIZE.matcher(size);
        if (!sizes.matches() || sizes.group(1).matches("0+") || sizes.group(2).matches("0+")) {
            throw new UsageException(
                    "--image is \"%s\", expected a width and a height such as 1024x768".formatted(size));
        }
        this.model = model;
        this.width = Integer.parseInt(sizes.group(1));
        this.height = Integer.parseInt(sizes.group(2));
    }

    /** Asks about a new image, and about the same again; {@code counted} is false for a warm-up. */
    void run(boolean counted) {
        Part.Image image = Part.image(jpeg());
        long start = System.nanoTime();
        Reply first = answer(image);
        long between = System.nanoTime();
        answer(image);
        long end = System.nanoTime();
        use = first.stats().images().uses().getFirst();
        if (counted) {
            double total = (between - start) * 1e-9;
            double answered = AnswerReport.seconds(first.stats().firstToken());
            preparation.add(Math.max(0, total - answered));
            encoding.add(AnswerReport.seconds(first.stats().images().encode()));
            seen.add(total);
            again.add((end - between) * 1e-9);
        }
    }

    private Reply answer(Part.Image image) {
        return model.prompt(QUESTION).image(image).temperature(0).maxTokens(1).generate();
    }

    private byte[] jpeg() {
        BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_INT_RGB);
        for (int y = 0; y < height; y += BLOCK) {
            for (int x = 0; x < width; x += BLOCK) {
                int color = random.nextInt(1 << 24);
                for (int row = y; row < Math.min(height, y + BLOCK); row++) {
                    for (int column = x; column < Math.min(width, x + BLOCK); column++) {
                        image.setRGB(column, row, color);
                    }
                }
            }
        }
        ByteArrayOutputStream file = new ByteArrayOutputStream();
        try {
            ImageIO.setUseCache(false);
            ImageIO.write(image, "jpeg", file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return file.toByteArray();
    }

    void print(PrintWriter out) {
        out.printf(
                "image        %d x %d as %d x %d, %d tokens%n",
                width, height, use.usedWidth(), use.usedHeight(), use.tokens());
        out.printf(
                "  prepared   %10.3f s   (decoded, resized and divided into patches)%n",
                BenchCommand.median(preparation));
        out.printf(
                "  encoded    %10.3f s   (%.1f tokens/s)%n",
                BenchCommand.median(encoding), use.tokens() / Math.max(1e-9, BenchCommand.median(encoding)));
        out.printf(
                "  first token%10.3f s, %.3f s for an image seen before%n",
                BenchCommand.median(seen), BenchCommand.median(again));
    }

    /** The results as values for JSON. */
    Map<String, Object> values() {
        Map<String, Object> object = new LinkedHashMap<>();
        object.put("width", width);
        object.put("height", height);
        object.put("used_width", use.usedWidth());
        object.put("used_height", use.usedHeight());
        object.put("tokens", use.tokens());
        object.put("preparation_seconds", BenchCommand.median(preparation));
        object.put("encode_seconds", BenchCommand.median(encoding));
        object.put("first_token_seconds", BenchCommand.median(seen));
        object.put("first_token_cached_seconds", BenchCommand.median(again));
        return object;
    }
}
