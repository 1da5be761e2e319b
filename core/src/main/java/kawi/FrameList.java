package kawi;

import java.util.List;

/** A film whose frames are in memory. */
record FrameList(List<Part.Image> frames, double framesPerSecond) implements VideoSource {

    FrameList {
        frames = List.copyOf(frames);
        if (frames.isEmpty()) {
            throw new ImageException("a film without frames was given; it must have at least one");
        }
        if (!(framesPerSecond > 0 && framesPerSecond < Double.POSITIVE_INFINITY)) {
            throw new ImageException(
                    "a film of %s frames per second was given; the rate must be a finite number above 0"
                            .formatted(framesPerSecond));
        }
    }

    @Override
    public int frameCount() {
        return frames.size();
    }

    @Override
    public Part.Image frame(int index) {
        return frames.get(index);
    }

    @Override
    public String toString() {
        return "%d frames, %s per second".formatted(frames.size(), framesPerSecond);
    }
}
