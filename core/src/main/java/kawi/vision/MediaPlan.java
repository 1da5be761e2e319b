package kawi.vision;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CancellationException;
import java.util.function.BooleanSupplier;
import kawi.ImageUse;
import kawi.image.ImageSize;
import kawi.image.PatchShape;

/** An image or a film whose header has been read: how the model will see it, and how its pixels are read. */
public final class MediaPlan {

    private final ImageUse use;
    private final PatchShape shape;
    private final ImageSize size;
    private final List<PreparedImage.Source> sources;
    private final List<String> timestamps;
    private final Identity identity;
    private final KnownContents known;

    /** Adds what identifies an image or a film to a digest. */
    @FunctionalInterface
    interface Identity {

        /**
         * Adds it to {@code digest}.
         *
         * @throws CancellationException if {@code cancelled} returns true
         */
        void addTo(MessageDigest digest, BooleanSupplier cancelled);
    }

    /**
     * @param size after resizing
     * @param sources of the image, or of each pair of frames
     * @param timestamps see {@link PreparedMedia}
     * @param identity of what the pixels are read from
     */
    MediaPlan(
            ImageUse use,
            PatchShape shape,
            ImageSize size,
            List<PreparedImage.Source> sources,
            List<String> timestamps,
            Identity identity,
            KnownContents known) {
        this.use = use;
        this.shape = shape;
        this.size = size;
        this.sources = List.copyOf(sources);
        this.timestamps = List.copyOf(timestamps);
        this.identity = identity;
        this.known = known;
    }

    /** How the model will see it. */
    public ImageUse use() {
        return use;
    }

    /**
     * Determines what it contains, for which it is decoded and resized unless that is known.
     *
     * <p>If that is cancelled, the contents are like those of nothing else: an answer that is cancelled ends before it
     * needs them, and if it is continued nevertheless, the image is encoded for it.
     *
     * @throws kawi.ImageException if it is damaged
     */
    public PreparedMedia read(BooleanSupplier cancelled) {
        List<PreparedImage> images;
        try {
            images = images(cancelled);
        } catch (CancellationException e) {
            images = sources.stream()
                    .map(source -> new PreparedImage(unread(), shape, source, null))
                    .toList();
        }
        return new PreparedMedia(images, timestamps, use);
    }

    private List<PreparedImage> images(BooleanSupplier cancelled) {
        MessageDigest digest = ImageContent.sha256();
        identity.addTo(digest, cancelled);
        String key = HexFormat.of().formatHex(digest.digest()) + " " + size;
        List<ImageContent> contents = known.find(key);
        List<PreparedImage> images = new ArrayList<>();
        for (int i = 0; i < sources.size(); i++) {
            PreparedImage.Source source = sources.get(i);
            if (contents != null) {
                images.add(new PreparedImage(contents.get(i), shape, source, null));
            } else {
                PreparedImage.Frames frames = source.read(cancelled);
                images.add(new PreparedImage(frames.content(shape), shape, source, frames));
            }
        }
        if (contents == null) {
            known.add(key, images.stream().map(PreparedImage::content).toList());
        }
        return List.copyOf(images);
    }

    private ImageContent unread() {
        MessageDigest digest = ImageContent.sha256();
        digest.update(UUID.randomUUID().toString().getBytes(StandardCharsets.US_ASCII));
        return new ImageContent(
                HexFormat.of().formatHex(digest.digest()),
                size.height() / shape.factor(),
                size.width() / shape.factor());
    }
}
