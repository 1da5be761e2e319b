package kawi.architecture.vision;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import kawi.ModelFileException;
import kawi.architecture.vision.VisionWeights.Block;
import kawi.architecture.vision.VisionWeights.Linear;
import kawi.architecture.vision.VisionWeights.Merger;
import kawi.architecture.vision.VisionWeights.Norm;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.checkpoint.JsonFile;
import kawi.files.Excerpt;
import kawi.image.PatchShape;
import kawi.quant.Tensor;

/**
 * Finds the vision transformer in a Hugging Face folder (Qwen3.5 specification, section 3.1). The names of its tensors
 * begin with {@code model.visual.}, or another prefix that writers use. Keys that a configuration lacks have the
 * defaults of transformers' {@code Qwen3_5VisionConfig}.
 */
final class VisionHuggingFace {

    private static final String PATCH_EMBED = "patch_embed.proj.weight";
    private static final Pattern FIRST = Pattern.compile("(?<prefix>(model\\.)?visual\\.)patch_embed\\.proj\\.weight");
    private static final String ACTIVATION = "gelu_pytorch_tanh";

    private final HuggingFaceCheckpoint folder;
    private final String prefix;

    private VisionHuggingFace(HuggingFaceCheckpoint folder, String prefix) {
        this.folder = folder;
        this.prefix = prefix;
    }

    /** The prefix of the vision tensors, if there are any. */
    private static Optional<String> prefix(HuggingFaceCheckpoint folder) {
        return folder.tensorNames().stream()
                .map(FIRST::matcher)
                .filter(Matcher::matches)
                .map(matcher -> matcher.group("prefix"))
                .findFirst();
    }

    /** Whether the folder has a vision transformer. */
    static boolean present(HuggingFaceCheckpoint folder) {
        return folder.config().object("vision_config").isPresent()
                && prefix(folder).isPresent();
    }

    /** Which tensors are those of the vision transformer. */
    static Predicate<String> tensors(HuggingFaceCheckpoint folder) {
        return prefix(folder)
                .<Predicate<String>>map(prefix -> name -> name.startsWith(prefix))
                .orElse(_ -> false);
    }

    private static JsonFile json(HuggingFaceCheckpoint folder) {
        return folder.config()
                .object("vision_config")
                .orElseThrow(() -> new ModelFileException("%s: key vision_config is missing"
                        .formatted(folder.config().where())));
    }

    static VisionConfig config(HuggingFaceCheckpoint folder) {
        JsonFile json = json(folder);
        String activation = json.string("hidden_act").orElse(ACTIVATION);
        if (!activation.equals(ACTIVATION)) {
            throw new ModelFileException("%s: key hidden_act: \"%s\" is not supported, only \"%s\""
                    .formatted(json.where(), Excerpt.of(activation), ACTIVATION));
        }
        if (!json.integers("deepstack_visual_indexes").isEmpty()) {
            throw new ModelFileException(
                    "%s: key deepstack_visual_indexes is not empty, but deepstack, in which the text model reads the outputs of several vision blocks, is not supported"
                            .formatted(json.where()));
        }
        VisionConfig config = new VisionConfig(
                json.integer("depth", 27),
                json.integer("hidden_size", 1152),
                json.integer("intermediate_size", 4304),
                json.integer("num_heads", 16),
                json.integer("in_channels", 3),
                json.integer("patch_size", 16),
                json.integer("temporal_patch_size", 2),
                json.integer("spatial_merge_size", 2),
                json.integer("out_hidden_size", 3584),
                json.integer("num_position_embeddings", 2304),
                (float) json.number("layer_norm_eps", 1e-6));
        config.check(json.where());
        return config;
    }

    /**
     * The preprocessor's configuration: in files of its own, or, in later versions of transformers, in
     * {@code processor_config.json}.
     */
    static PatchShape patchShape(HuggingFaceCheckpoint folder, VisionConfig config) {
        Optional<JsonFile> image = preprocessor(folder, "preprocessor_config.json", "image_processor");
        Optional<JsonFile> video = preprocessor(folder, "video_preprocessor_config.json", "video_processor");
        image.ifPresent(json -> {
            agree(json, "patch_size", config.patchSize());
            agree(json, "temporal_patch_size", config.temporalPatchSize());
            agree(json, "merge_size", config.spatialMergeSize());
        });
        PatchShape usual = PatchShape.DEFAULT;
        PatchShape.Film film = usual.film();
        try {
            return new PatchShape(
                    config.patchSize(),
                    config.temporalPatchSize(),
                    config.spatialMergeSize(),
                    colours(image, "image_mean", usual.mean()),
                    colours(image, "image_std", usual.std()),
                    pixels(image, "shortest_edge", "min_pixels", usual.minPixels()),
                    pixels(image, "longest_edge", "max_pixels", usual.maxPixels()),
                    new PatchShape.Film(
                            pixels(video, "shortest_edge", "min_pixels", film.minPixels()),
                            pixels(video, "longest_edge", "max_pixels", film.maxPixels()),
                            video.map(json -> json.number("fps", film.framesPerSecond()))
                                    .orElse(film.framesPerSecond()),
                            video.map(json -> json.integer("min_frames", film.minFrames()))
                                    .orElse(film.minFrames()),
                            video.map(json -> json.integer("max_frames", film.maxFrames()))
                                    .orElse(film.maxFrames())));
        } catch (IllegalArgumentException e) {
            throw new ModelFileException(
                    "%s: the preprocessor's configuration cannot be used: %s".formatted(folder.name(), e.getMessage()));
        }
    }

    private static Optional<JsonFile> preprocessor(HuggingFaceCheckpoint folder, String file, String key) {
        return folder.json(file).or(() -> folder.json("processor_config.json").flatMap(json -> json.object(key)));
    }

    private static void agree(JsonFile json, String key, int expected) {
        int found = json.integer(key, expected);
        if (found != expected) {
            throw new ModelFileException("%s: key %s is %d, but the vision configuration of the model says %d"
                    .formatted(json.where(), key, found, expected));
        }
    }

    private static float[] colours(Optional<JsonFile> image, String key, float[] otherwise) {
        Optional<JsonFile> given = image.filter(json -> json.has(key));
        if (given.isEmpty()) {
            return otherwise;
        }
        double[] numbers = given.get().numbers(key);
        float[] colours = new float[numbers.length];
        for (int i = 0; i < colours.length; i++) {
            colours[i] = (float) numbers[i];
        }
        return colours;
    }

    /** A limit under a key of {@code size}, or under the key that older files have. */
    private static long pixels(Optional<JsonFile> json, String key, String older, long otherwise) {
        return json.flatMap(file -> file.object("size"))
                .filter(size -> size.has(key))
                .map(size -> (long) size.number(key))
                .or(() -> json.filter(file -> file.has(older)).map(file -> (long) file.number(older)))
                .orElse(otherwise);
    }

    static VisionWeights weights(HuggingFaceCheckpoint folder, VisionConfig config) {
        String prefix = prefix(folder)
                .orElseThrow(() -> new ModelFileException(
                        "%s: there is no tensor model.visual.%s".formatted(folder.name(), PATCH_EMBED)));
        return new VisionHuggingFace(folder, prefix).weights(config);
    }

    private VisionWeights weights(VisionConfig config) {
        int hidden = config.hiddenSize();
        List<Block> blocks = new ArrayList<>();
        for (int i = 0; i < config.depth(); i++) {
            String at = "blocks." + i + ".";
            Linear qkv = linear(at + "attn.qkv", 3 * hidden, hidden);
            blocks.add(new Block(
                    norm(at + "norm1", hidden),
                    qkv.outputs(0, hidden),
                    qkv.outputs(hidden, hidden),
                    qkv.outputs(2 * hidden, hidden),
                    linear(at + "attn.proj", hidden, hidden),
                    norm(at + "norm2", hidden),
                    linear(at + "mlp.linear_fc1", config.intermediateSize(), hidden),
                    linear(at + "mlp.linear_fc2", hidden, config.intermediateSize())));
        }
        int merged = config.mergedWidth();
        return new VisionWeights(
                patchEmbed(config),
                folder.tensor(prefix + "pos_embed.weight", config.numPositionEmbeddings(), hidden),
                blocks,
                new Merger(
                        norm("merger.norm", hidden),
                        linear("merger.linear_fc1", merged, merged),
                        linear("merger.linear_fc2", config.outHiddenSize(), merged)));
    }

    /** The kernel of the convolution, [hidden, channels, frames, rows, columns], as a matrix. */
    private Linear patchEmbed(VisionConfig config) {
        String name = prefix + PATCH_EMBED;
        long[] expected = {
            config.hiddenSize(), config.inChannels(), config.temporalPatchSize(), config.patchSize(), config.patchSize()
        };
        long[] found = folder.hasTensor(name) ? folder.shape(name) : expected;
        long[] matrix = {config.hiddenSize(), config.patchWidth()};
        if (!Arrays.equals(found, expected) && !Arrays.equals(found, matrix)) {
            throw new ModelFileException("%s: tensor %s has the shape %s, but the model's sizes require %s"
                    .formatted(folder.name(), name, Arrays.toString(found), Arrays.toString(expected)));
        }
        Tensor kernel = folder.tensor(name);
        return new Linear(
                new Tensor(name, kernel.format(), config.hiddenSize(), config.patchWidth(), kernel.source()),
                folder.vector(prefix + "patch_embed.proj.bias", config.hiddenSize()));
    }

    private Linear linear(String name, int outputs, int inputs) {
        return new Linear(
                folder.tensor(prefix + name + ".weight", outputs, inputs),
                folder.vector(prefix + name + ".bias", outputs));
    }

    private Norm norm(String name, int size) {
        return new Norm(folder.vector(prefix + name + ".weight", size), folder.vector(prefix + name + ".bias", size));
    }
}
