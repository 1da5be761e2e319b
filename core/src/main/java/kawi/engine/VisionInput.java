package kawi.engine;

import java.lang.foreign.Arena;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Function;
import kawi.CacheStats;
import kawi.ContextLengthException;
import kawi.Message;
import kawi.Part;
import kawi.VideoSource;
import kawi.architecture.vision.VisionFile;
import kawi.checkpoint.Checkpoint;
import kawi.checkpoint.HuggingFaceCheckpoint;
import kawi.compute.Compute;
import kawi.dialect.Dialect;
import kawi.image.FilmFrames;
import kawi.image.PatchShape;
import kawi.vision.EncodedImages;
import kawi.vision.ImageEncoder;
import kawi.vision.ImagePreparation;
import kawi.vision.MediaPlan;
import kawi.vision.PreparedMedia;
import kawi.vision.TokenLimits;
import org.jspecify.annotations.Nullable;

/**
 * Image input of a model: prepares the images and films of prompts, and encodes them if the model has a vision tower.
 *
 * <p>The file of the tower is looked for when it is first asked about, and its weights are loaded when the first image
 * is encoded.
 */
final class VisionInput implements AutoCloseable {

    private final LoadedModel model;
    private final Checkpoint checkpoint;
    private final Options options;
    private final Arena arena;
    private final EncodedImages cache;
    private final ImageEncoder encoder;
    private @Nullable Opened opened;
    private @Nullable Boolean present;

    /**
     * Where the tower is, and the default options.
     *
     * @param location finds the tower's file, if the model's checkpoint does not have it
     * @param limits the default numbers of tokens
     * @param cacheBytes the maximum memory of encoded images
     */
    record Options(VisionLocation location, TokenLimits limits, long cacheBytes) {}

    /**
     * A tower whose header has been read.
     *
     * @param bytes see {@link #bytes}
     */
    private record Opened(
            VisionFile file, ImagePreparation preparation, Optional<Fingerprint> fingerprint, long bytes) {}

    /**
     * @param compute the kernels that the tower uses, in turns of the scheduler
     * @param arena of the model
     */
    VisionInput(LoadedModel model, Checkpoint checkpoint, Options options, Compute compute, Arena arena) {
        this.model = model;
        this.checkpoint = checkpoint;
        this.options = options;
        this.arena = arena;
        this.cache = new EncodedImages(options.cacheBytes());
        ImageEncoder.Loader loader =
                cancelled -> opened("a prompt has an image").file().load(compute, cancelled);
        this.encoder =
                new ImageEncoder(model.name(), loader, cache, model.scheduler().turn());
    }

    /** Whether a message has an image or a film. */
    static boolean hasMedia(Message message) {
        return message.content().stream().anyMatch(VisionInput::isMedia);
    }

    private static boolean isMedia(Part part) {
        return !(part instanceof Part.Text);
    }

    /** Whether the model sees images. */
    synchronized boolean present() {
        if (opened != null) {
            return true;
        }
        if (present == null) {
            model.lifetime().checkOpen(); // the files that tell are closed with it
            present = model.dialect().images().isPresent()
                    && options.location().present(checkpoint, model.decoder().hiddenSize());
        }
        return present;
    }

    /**
     * Throws if the model does not see images.
     *
     * @param why it must, for the message
     */
    void require(String why) {
        opened(why);
    }

    private synchronized Opened opened(String why) {
        Opened known = opened;
        if (known == null) {
            model.lifetime().checkOpen();
            VisionFile file =
                    options.location().open(checkpoint, model.decoder().hiddenSize(), arena, why);
            try {
                known = new Opened(
                        file,
                        new ImagePreparation(file.patchShape()),
                        fingerprint(file),
                        bytes(file, options.limits()));
            } catch (RuntimeException | Error e) {
                file.close();
                throw e;
            }
            opened = known;
        }
        return known;
    }

    /** Identifies the weights of a tower in a file of its own. */
    private Optional<Fingerprint> fingerprint(VisionFile file) {
        return file.checkpoint().equals(checkpoint)
                ? Optional.empty()
                : Optional.of(new Fingerprint(
                        file.checkpoint(), "vision" + file.config().sizes(), model.lifetime()));
    }

    /** Identifies the weights of the tower; empty if those of the model include them. */
    String fingerprint() {
        return opened("the conversation has an image")
                .fingerprint()
                .map(Fingerprint::text)
                .orElse("");
    }

    /**
     * The memory that the tower takes when it has been loaded, and an image of the largest size while it is encoded; 0
     * if the model was closed before that was known.
     */
    synchronized long bytes() {
        boolean unknown = opened == null && model.lifetime().closing();
        return !unknown && present() ? opened("the memory of one is asked for").bytes() : 0;
    }

    static long bytes(VisionFile file, TokenLimits limits) {
        PatchShape shape = limits.applyTo(file.patchShape());
        long patches = shape.maxPixels() / ((long) shape.patch() * shape.patch());
        return file.weightBytes() + file.workspaceBytes(Math.toIntExact(patches));
    }

    /** Loads the weights of the tower now. */
    void load() {
        require("loadVision is set");
        encoder.load(() -> Thread.currentThread().isInterrupted());
    }

    /**
     * Prepares the images and films of messages.
     *
     * @throws kawi.ImageException if one cannot be used
     * @throws ContextLengthException if there are more than the context holds
     */
    PromptMedia prepare(List<Message> messages, Settings settings) {
        List<Part> parts = messages.stream()
                .flatMap(message -> message.content().stream())
                .filter(VisionInput::isMedia)
                .toList();
        if (parts.isEmpty()) {
            return PromptMedia.NONE;
        }
        Dialect.ImageTags tags = model.dialect()
                .images()
                .orElseThrow(() -> new IllegalStateException(
                        "how images are written in prompts of %s is not known; only texts can be given to it"
                                .formatted(model.name())));
        return prepare(parts, settings, tags);
    }

    /** Prepares the images and films of a prompt of token ids, in which a token stands for each. */
    PromptMedia prepareForIds(List<Part> parts, Settings settings) {
        return parts.isEmpty() ? PromptMedia.NONE : prepare(parts, settings, null);
    }

    private PromptMedia prepare(List<Part> parts, Settings settings, Dialect.@Nullable ImageTags tags) {
        ImagePreparation preparation = opened("the prompt has an image").preparation();
        TokenLimits limits = limits(settings);
        List<MediaPlan> plans = new ArrayList<>();
        long tokens = 0;
        int films = 0;
        for (Part part : parts) {
            String what = part instanceof Part.Video
                    ? "film %d".formatted(++films)
                    : "image %d".formatted(plans.size() - films + 1);
            MediaPlan plan = preparation.plan(part, what, limits);
            plans.add(plan);
            tokens += plan.use().tokens();
        }
        int room = model.admission().answerLength();
        if (tokens > room) {
            int all = (int) Math.min(Integer.MAX_VALUE, tokens);
            throw new ContextLengthException(all, all, room);
        }
        List<PreparedMedia> media =
                plans.stream().map(plan -> plan.read(settings::cancelled)).toList();
        return new PromptMedia(
                model.name(),
                encoder,
                media,
                tags,
                id("image_token_id", Dialect.ImageTags::image),
                id("video_token_id", Dialect.ImageTags::film));
    }

    /** How many tokens the images of an answer take. */
    TokenLimits limits(Settings settings) {
        TokenLimits own = settings.imageTokens();
        return own == null ? options.limits() : own;
    }

    /** The token of a tag: that of the tokenizer or, if there is none, that of the configuration. */
    private int id(String key, Function<Dialect.ImageTags, String> tag) {
        OptionalInt known = model.ownTokenizer()
                .flatMap(tokenizer -> model.dialect().images().map(tag).map(tokenizer::id))
                .orElse(OptionalInt.empty());
        if (known.isPresent()) {
            return known.getAsInt();
        }
        if (checkpoint instanceof HuggingFaceCheckpoint folder) {
            Optional<Integer> id = folder.config().ids(key).stream().findFirst();
            if (id.isPresent()) {
                return id.get();
            }
        }
        throw new IllegalStateException("%s has no token that stands for an image in a prompt".formatted(model.name()));
    }

    /** The frames of a film that the model sees. */
    List<Integer> chosenFrames(VideoSource source) {
        return FilmFrames.choose(
                        source.frameCount(),
                        source.framesPerSecond(),
                        opened("the conversation has a film").file().patchShape())
                .indices();
    }

    /** Statistics of the cache of encoded images. */
    CacheStats stats() {
        return cache.stats();
    }

    @Override
    public synchronized void close() {
        encoder.close();
        if (opened != null) {
            opened.file().close();
        }
    }
}
