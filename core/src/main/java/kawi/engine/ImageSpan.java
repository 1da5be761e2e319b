package kawi.engine;

import kawi.architecture.Batch;
import kawi.vision.ImageContent;

/**
 * An image in a text.
 *
 * @param start the index of the first of the tokens whose place it takes
 * @param position of its first token, on all axes
 */
record ImageSpan(int start, int position, ImageContent content) {

    /** The index after the last of its tokens. */
    int end() {
        return start + content.tokens();
    }

    /** The position of the token after the image. */
    int nextPosition() {
        return position + content.positions();
    }

    /**
     * The default position of the next token if the text ends with the first {@code tokens} tokens of this image: the
     * largest position so far, plus 1.
     */
    int nextPosition(int tokens) {
        int lastRow = (tokens - 1) / content.columns();
        int lastColumn = Math.min(tokens, content.columns()) - 1;
        return position + Math.max(lastRow, lastColumn) + 1;
    }

    /**
     * The positions of {@code count} tokens from the {@code first}-th of the image on: time, height and width of each.
     */
    int[] positions(int first, int count) {
        int[] positions = new int[count * Batch.AXES];
        for (int i = 0; i < count; i++) {
            positions[i * Batch.AXES] = position;
            positions[i * Batch.AXES + 1] = position + (first + i) / content.columns();
            positions[i * Batch.AXES + 2] = position + (first + i) % content.columns();
        }
        return positions;
    }
}
