package kawi.template;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The variable rules of Jinja that are settled while parsing.
 *
 * <p>The bodies of the template, of loops, macros and capturing blocks are frames; {@code if} is none. An assignment
 * makes a variable of the innermost frame; reading looks through the frames outwards and then at the variables the
 * caller gave. Jinja compiles frames to Python functions, and from Python it has one surprise: where the first thing a
 * frame says about a name is an unconditional assignment, and no outer frame mentions the name, the name is local to
 * the frame <em>from its start</em>. Before the assignment it is undefined, even to inner loops and even if the caller
 * gave a variable of that name. Such names are {@linkplain Frame#hidden hidden}. Conditional means: inside an
 * {@code if} of this very frame.
 *
 * <p>The other rule settled here: a macro takes extra arguments, or a {@code caller}, only if its body reads the
 * variables {@code varargs}, {@code kwargs} or {@code caller} before assigning to them.
 */
final class Frames {

    /** The variables of one body. */
    static final class Frame {

        private final Collection<Frame> outer;
        private final Set<String> mentioned = new HashSet<>();
        private final Set<String> assignedFirst = new LinkedHashSet<>();
        private Set<String> hidden = Set.of();
        private int conditions;

        private Frame(Collection<Frame> outer) {
            this.outer = outer;
        }

        private void settle() {
            assignedFirst.removeIf(name -> outer.stream().anyMatch(frame -> frame.mentioned.contains(name)));
            hidden = Set.copyOf(assignedFirst);
        }

        /** Names that are undefined in this frame until it assigns to them, whatever the caller gave. */
        Set<String> hidden() {
            return hidden;
        }
    }

    /** Which of its special variables a macro body reads. */
    static final class Specials {

        private final Set<String> unassigned = new HashSet<>(Set.of("caller", "varargs", "kwargs"));
        private final Set<String> read = new HashSet<>();

        boolean reads(String name) {
            return read.contains(name);
        }
    }

    private final List<Frame> all = new ArrayList<>();
    private final Deque<Frame> open = new ArrayDeque<>();
    private final Deque<Specials> macros = new ArrayDeque<>();

    Frame open() {
        var frame = new Frame(List.copyOf(open));
        all.add(frame);
        open(frame);
        return frame;
    }

    /** Opens a frame again that has been closed. */
    void open(Frame frame) {
        open.push(frame);
    }

    void close() {
        open.pop();
    }

    Specials openMacro() {
        var specials = new Specials();
        macros.push(specials);
        return specials;
    }

    void closeMacro() {
        macros.pop();
    }

    void openCondition() {
        innermost().conditions++;
    }

    /** Whether what is being parsed stands in an {@code if} of its own frame. */
    boolean isConditional() {
        return innermost().conditions > 0;
    }

    void closeCondition() {
        innermost().conditions--;
    }

    void read(String name) {
        innermost().mentioned.add(name);
        for (var macro : macros) {
            if (macro.unassigned.contains(name)) {
                macro.read.add(name);
            }
        }
    }

    void assign(String name) {
        var frame = innermost();
        if (frame.mentioned.add(name) && frame.conditions == 0) {
            frame.assignedFirst.add(name);
        }
        macros.forEach(macro -> macro.unassigned.remove(name));
    }

    /** A loop variable or a parameter: it has a value as soon as the frame is entered. */
    void declare(String name) {
        innermost().mentioned.add(name);
        macros.forEach(macro -> macro.unassigned.remove(name));
    }

    /** To be called once the whole template is parsed. */
    void settle() {
        all.forEach(Frame::settle);
    }

    private Frame innermost() {
        return open.element();
    }
}
