package kawi.image;

import java.io.IOException;
import java.util.function.BooleanSupplier;

/** An image file whose header has been read. */
interface ImageFile {

    /** Returns the size as it is stored, before the orientation is applied. */
    ImageSize size();

    /** Returns the orientation, in the numbers of EXIF; by default that of formats which record none. */
    default Orientation orientation() {
        return Orientation.TOP_LEFT;
    }

    /**
     * Returns the bytes per pixel that the decoder uses while it decodes, beyond the {@link Pixels} that it returns.
     */
    int workspaceBytes();

    /**
     * Returns the image as it is stored.
     *
     * @throws IOException if the file is damaged
     */
    Pixels decode(BooleanSupplier cancelled) throws IOException;
}
