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
 * The scoping rules of Jinja that are resolved by the parser.
 *
 * <p>The bodies of the template, of loops, macros and capturing blocks are frames; the body of an {@code if} is not. An
 * assignment sets a variable of the innermost frame. A variable is looked up from the innermost to the outermost frame
 * and then in the caller's variables. Because Jinja compiles frames to Python functions, there is an exception: if the
 * first use of a name in a frame is an unconditional assignment, and no outer frame uses the name, the name is local to
 * the frame <em>from its start</em>. Before the assignment it is undefined, also in inner loops and even if the caller
 * has a variable of that name. Such names are {@linkplain Frame#hidden hidden}. An assignment is conditional if it is
 * inside an {@code if} of the same frame.
 *
 * <p>Moreover, a macro accepts additional arguments, or a {@code caller}, only if its body reads the variables
 * {@code varargs}, {@code kwargs} or {@code caller} before assigning to them.
 */
final class Frames {

    /** The variables of one body. */
    static final class Frame {

        private final Collection<Frame> outer;
        private final Set<String> used = new HashSet<>();
        private final Set<String> assignedFirst = new LinkedHashSet<>();
        private Set<String> hidden = Set.of();
        private int conditions;

        private Frame(Collection<Frame> outer) {
            this.outer = outer;
        }

        private void resolve() {
            assignedFirst.removeIf(name -> outer.stream().anyMatch(frame -> frame.used.contains(name)));
            hidden = Set.copyOf(assignedFirst);
        }

        /**
         * The names that are undefined in this frame until they are assigned, even if the caller has variables with
         * these names.
         */
        Set<String> hidden() {
            return hidden;
        }
    }

    /** The special variables that a macro body reads. */
    static final class SpecialVariables {

        private final Set<String> unassigned = new HashSet<>(Set.of("caller", "varargs", "kwargs"));
        private final Set<String> read = new HashSet<>();

        boolean reads(String name) {
            return read.contains(name);
        }
    }

    private final Set<String> names = new HashSet<>();
    private final List<Frame> all = new ArrayList<>();
    private final Deque<Frame> open = new ArrayDeque<>();
    private final Deque<SpecialVariables> macros = new ArrayDeque<>();

    Frame open() {
        var frame = new Frame(List.copyOf(open));
        all.add(frame);
        open(frame);
        return frame;
    }

    /** Reopens a closed frame. */
    void open(Frame frame) {
        open.push(frame);
    }

    void close() {
        open.pop();
    }

    SpecialVariables openMacro() {
        var specials = new SpecialVariables();
        macros.push(specials);
        return specials;
    }

    void closeMacro() {
        macros.pop();
    }

    void openCondition() {
        innermost().conditions++;
    }

    /** Whether the parser is inside an {@code if} of the innermost frame. */
    boolean isConditional() {
        return innermost().conditions > 0;
    }

    void closeCondition() {
        innermost().conditions--;
    }

    void read(String name) {
        names.add(name);
        innermost().used.add(name);
        for (var macro : macros) {
            if (macro.unassigned.contains(name)) {
                macro.read.add(name);
            }
        }
    }

    void assign(String name) {
        var frame = innermost();
        if (frame.used.add(name) && frame.conditions == 0) {
            frame.assignedFirst.add(name);
        }
        macros.forEach(macro -> macro.unassigned.remove(name));
    }

    /** Declares a loop variable or a parameter, which has a value from the start of the frame. */
    void declare(String name) {
        innermost().used.add(name);
        macros.forEach(macro -> macro.unassigned.remove(name));
    }

    /** The names that are read in any frame. */
    Set<String> names() {
        return Set.copyOf(names);
    }

    /** Resolves all frames; must be called after parsing the template. */
    void resolve() {
        all.forEach(Frame::resolve);
    }

    private Frame innermost() {
        return open.element();
    }
}
