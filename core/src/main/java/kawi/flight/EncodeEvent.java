package kawi.flight;

import jdk.jfr.Category;
import jdk.jfr.Description;
import jdk.jfr.Event;
import jdk.jfr.Label;
import jdk.jfr.Name;
import jdk.jfr.StackTrace;

/** An image was encoded. */
@Name("kawi.Encode")
@Label("Encode")
@Category("Kawi")
@Description("An image, or a pair of frames of a film, was encoded by the vision tower")
@StackTrace(false)
public final class EncodeEvent extends Event {

    @Label("Model")
    String model = "";

    @Label("Width")
    @Description("Width after resizing, in pixels")
    int width;

    @Label("Height")
    @Description("Height after resizing, in pixels")
    int height;

    @Label("Tokens")
    @Description("Number of tokens that the image takes in the prompt")
    int tokens;

    public void commit(String model, int width, int height, int tokens) {
        this.model = model;
        this.width = width;
        this.height = height;
        this.tokens = tokens;
        commit();
    }
}
