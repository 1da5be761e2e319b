package kawi.regex;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;

/**
 * Boolean functions as reduced ordered binary decision diagrams. Equal functions have equal numbers, so sets of states
 * that mean the same are recognized as one. [1] R. E. Bryant, Graph-based algorithms for Boolean function manipulation,
 * IEEE Transactions on Computers C-35(8), 1986.
 */
final class Formulas {

    static final int FALSE = 0;
    static final int TRUE = 1;

    private static final int MAX_NODES = 200_000;
    private static final int MAX_DEPTH = 1_500;

    /** Greater than all variables. */
    private static final int CONSTANT = Integer.MAX_VALUE;

    private record Function(int variable, int low, int high) {}

    private final Steps steps;
    private int[] variables = new int[64];
    private int[] lows = new int[64];
    private int[] highs = new int[64];
    private int size = 2;
    private final Map<Function, Integer> numbers = new HashMap<>();
    private final Map<Function, Integer> results = new HashMap<>();
    private int depth;

    Formulas(Steps steps) {
        this.steps = steps;
        variables[FALSE] = CONSTANT;
        variables[TRUE] = CONSTANT;
    }

    boolean isConstant(int formula) {
        return formula <= TRUE;
    }

    /** The variable that is decided first. */
    int variable(int formula) {
        return variables[formula];
    }

    /** The function where {@link #variable} is false. */
    int low(int formula) {
        return lows[formula];
    }

    /** The function where {@link #variable} is true. */
    int high(int formula) {
        return highs[formula];
    }

    int ofVariable(int variable) {
        return node(variable, FALSE, TRUE);
    }

    int not(int formula) {
        return choose(formula, FALSE, TRUE);
    }

    int and(int one, int other) {
        return choose(one, other, FALSE);
    }

    int or(int one, int other) {
        return choose(one, TRUE, other);
    }

    boolean implies(int one, int other) {
        return one == FALSE || other == TRUE || and(one, other) == one;
    }

    /** {@code formula and yes, or not formula and no}. */
    int choose(int formula, int yes, int no) {
        if (formula == TRUE || yes == no) {
            return yes;
        }
        if (formula == FALSE) {
            return no;
        }
        if (yes == TRUE && no == FALSE) {
            return formula;
        }
        var key = new Function(formula, yes, no);
        Integer known = results.get(key);
        if (known != null) {
            return known;
        }
        steps.spend(20);
        if (++depth > MAX_DEPTH) {
            throw new UnsupportedRegexException("too complex: its lookarounds depend on too many places");
        }
        int first = Math.min(variables[formula], Math.min(variables[yes], variables[no]));
        int low = choose(cofactor(formula, first, false), cofactor(yes, first, false), cofactor(no, first, false));
        int high = choose(cofactor(formula, first, true), cofactor(yes, first, true), cofactor(no, first, true));
        depth--;
        int result = node(first, low, high);
        results.put(key, result);
        return result;
    }

    private int cofactor(int formula, int variable, boolean value) {
        return variables[formula] != variable ? formula : value ? highs[formula] : lows[formula];
    }

    private int node(int variable, int low, int high) {
        if (low == high) {
            return low;
        }
        var key = new Function(variable, low, high);
        Integer known = numbers.get(key);
        if (known != null) {
            return known;
        }
        if (size == MAX_NODES) {
            throw new UnsupportedRegexException("too complex: its lookarounds overlap in too many ways to follow");
        }
        if (size == variables.length) {
            variables = Arrays.copyOf(variables, 2 * size);
            lows = Arrays.copyOf(lows, 2 * size);
            highs = Arrays.copyOf(highs, 2 * size);
        }
        variables[size] = variable;
        lows[size] = low;
        highs[size] = high;
        numbers.put(key, size);
        return size++;
    }
}
