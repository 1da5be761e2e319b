package kawi.engine;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import kawi.ImageUse;
import kawi.dialect.Dialect;
import kawi.tokenizer.OriginText;
import kawi.vision.ImageContent;
import kawi.vision.ImageEncoder;
import kawi.vision.PreparedImage;
import kawi.vision.PreparedMedia;
import org.jspecify.annotations.Nullable;

/**
 * The images and films of a prompt, in order, and how they get their place in it.
 *
 * <pre>
 *    template     &lt;vision_start>&lt;image_pad>&lt;vision_end>  and  &lt;vision_start>&lt;video_pad>&lt;vision_end>
 *    a film       for each pair of frames:  &lt;S seconds>&lt;vision_start>&lt;video_pad>&lt;vision_end>
 *    tokens       each pad is repeated for each row of the encoded image
 * </pre>
 *
 * The times of a film are written before the text is divided into tokens, since they may join with the text before
 * them. Tags in the texts of messages are ordinary text, see {@link ChatFormat}.
 */
final class PromptMedia {

    /** For prompts without images. */
    static final PromptMedia NONE = new PromptMedia("", null, List.of(), null, -1, -1);

    private final String model;
    private final @Nullable ImageEncoder encoder;
    private final List<PreparedMedia> media;
    private final Dialect.@Nullable ImageTags tags;
    private final int imageId;
    private final int filmId;

    /**
     * @param model its name, for messages
     * @param tags of the template, or null if the prompt has none
     * @param imageId the token that stands for an image, {@code filmId} for a film
     */
    PromptMedia(
            String model,
            @Nullable ImageEncoder encoder,
            List<PreparedMedia> media,
            Dialect.@Nullable ImageTags tags,
            int imageId,
            int filmId) {
        this.model = model;
        this.encoder = encoder;
        this.media = media;
        this.tags = tags;
        this.imageId = imageId;
        this.filmId = filmId;
    }

    /** Replaces the tags of each film by those of its frames, with their times. */
    OriginText withTimes(OriginText rendered) {
        List<PreparedMedia> films = media.stream().filter(PreparedMedia::isFilm).toList();
        if (films.isEmpty() || tags == null) {
            return rendered;
        }
        String all = tags.begin() + tags.film() + tags.end();
        String text = rendered.toString();
        var replaced = new OriginText.Builder();
        int from = 0;
        int film = 0;
        for (int at = text.indexOf(all); at >= 0; at = text.indexOf(all, at + 1)) {
            if (rendered.substring(at, at + all.length()).isOfTemplate() && film < films.size()) {
                replaced.append(rendered, from, at);
                films.get(film++)
                        .timestamps()
                        .forEach(time -> replaced.appendOutside(time).appendOfTemplate(all));
                from = at + all.length();
            }
        }
        return replaced.append(rendered, from, rendered.length()).build();
    }

    /**
     * Appends the tokens of a prompt, with the images in the place of their pads.
     *
     * @param before the text before them, and its images
     * @param ids tokens in which a pad stands for each image; the first {@code skipped} are not appended
     * @return without boundaries
     * @throws IllegalStateException if the pads are not those of the images
     */
    PromptTokens append(PromptTokens before, int[] ids, int skipped) {
        if (media.isEmpty()) {
            int[] more = skipped == 0 ? ids : Arrays.copyOfRange(ids, skipped, ids.length);
            return before.length() == 0
                    ? PromptTokens.of(more)
                    : PromptTokens.of(before.text().plus(more, new int[0], List.of()), before.images());
        }
        List<PreparedImage> ordered = inOrder(ids);
        int image = 0;
        int length = ids.length - skipped;
        for (int i = 0; i < ids.length; i++) {
            if (isPad(ids[i])) {
                length += i < skipped ? 0 : ordered.get(image).content().tokens() - 1;
                image++;
            }
        }
        int[] all = new int[length];
        List<Integer> starts = new ArrayList<>();
        List<PreparedImage> images = new ArrayList<>();
        image = 0;
        int at = 0;
        for (int i = 0; i < ids.length; i++) {
            int count = 1;
            if (isPad(ids[i])) {
                PreparedImage next = ordered.get(image++);
                if (i >= skipped) {
                    count = next.content().tokens();
                    starts.add(at);
                    images.add(next);
                }
            }
            if (i >= skipped) {
                Arrays.fill(all, at, at + count, ids[i]);
                at += count;
            }
        }
        List<ImageContent> contents =
                images.stream().map(PreparedImage::content).toList();
        List<ImageUse> uses = media.stream().map(PreparedMedia::use).toList();
        return PromptTokens.of(
                before.text()
                        .plus(all, starts.stream().mapToInt(Integer::intValue).toArray(), contents),
                before.images().plus(new PromptImages(encoder, images, uses)));
    }

    private boolean isPad(int id) {
        return id == imageId || id == filmId;
    }

    /** The images that the pads stand for. */
    private List<PreparedImage> inOrder(int[] ids) {
        List<PreparedImage> images = of(false);
        List<PreparedImage> frames = of(true);
        List<PreparedImage> ordered = new ArrayList<>();
        int image = 0;
        int frame = 0;
        for (int id : ids) {
            if (id == imageId && image++ < images.size()) {
                ordered.add(images.get(image - 1));
            } else if (id == filmId && frame++ < frames.size()) {
                ordered.add(frames.get(frame - 1));
            }
        }
        check("images", image, images.size());
        check("pairs of frames of films", frame, frames.size());
        return ordered;
    }

    private List<PreparedImage> of(boolean film) {
        return media.stream()
                .filter(one -> one.isFilm() == film)
                .flatMap(one -> one.images().stream())
                .toList();
    }

    private void check(String what, int places, int count) {
        if (places != count) {
            throw new IllegalStateException(
                    tags == null
                            ? "the prompt has %d tokens that stand for %s, but %d were given; there must be one for each"
                                    .formatted(places, what, count)
                            : ("the chat template of %s has written %d places for %d %s; load the model with a template"
                                            + " that supports them, see ModelLoader.chatTemplate")
                                    .formatted(model, places, count, what));
        }
    }
}
