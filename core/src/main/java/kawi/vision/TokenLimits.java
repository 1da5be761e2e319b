package kawi.vision;

import kawi.Part;
import kawi.image.PatchShape;

/**
 * How many tokens images may take, within what the model prescribes.
 *
 * @param least the smallest number of tokens of an image, to which smaller ones are enlarged; 0 for that of the model
 * @param most the largest number of tokens of an image, to which larger ones are reduced
 * @param mostOfFilm the largest number of tokens of all frames of a film together
 */
public record TokenLimits(int least, int most, int mostOfFilm) {

    /** A CPU pays for each token; more than this is needed only for small print. */
    public static final TokenLimits DEFAULT = new TokenLimits(0, 1280, 4096);

    /** @throws IllegalArgumentException if the limits exclude all images */
    public TokenLimits {
        if (least < 0 || most < 1 || least > most || mostOfFilm < 1) {
            throw new IllegalArgumentException(
                    "images of %d to %d tokens, films of up to %d; the limits must be positive, the first not above the second"
                            .formatted(least, most, mostOfFilm));
        }
    }

    /** The limits of an image, which may have a lower one of its own. */
    TokenLimits of(Part.Image image) {
        int own = image.maxTokens();
        return own == 0 || own >= most ? this : withImages(Math.min(least, own), own);
    }

    /** These limits, with others for images. */
    public TokenLimits withImages(int least, int most) {
        return new TokenLimits(least, most, mostOfFilm);
    }

    /** These limits, with another one for films. */
    public TokenLimits withFilms(int most) {
        return new TokenLimits(least, this.most, most);
    }

    /** The model's shape with these limits. */
    public PatchShape applyTo(PatchShape model) {
        long area = (long) model.factor() * model.factor();
        long max = Math.max(area, Math.min(model.maxPixels(), most * area));
        long min = Math.min(max, Math.max(least * area, least == 0 ? model.minPixels() : 1));
        PatchShape.Film film = model.film();
        long maxFilm =
                Math.max(area * model.temporal(), Math.min(film.maxPixels(), mostOfFilm * area * model.temporal()));
        return new PatchShape(
                model.patch(),
                model.temporal(),
                model.merge(),
                model.mean(),
                model.std(),
                min,
                max,
                new PatchShape.Film(
                        Math.min(film.minPixels(), maxFilm),
                        maxFilm,
                        film.framesPerSecond(),
                        film.minFrames(),
                        film.maxFrames()));
    }
}
