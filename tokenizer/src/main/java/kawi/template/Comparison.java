package kawi.template;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.List;

/** The operators {@code ==}, {@code <}, {@code <=}, {@code >} and {@code >=}. */
final class Comparison {

    private Comparison() {}

    static boolean equal(Object left, Object right, Budget budget) {
        return equal(left, right, budget, 0);
    }

    private static boolean equal(Object left, Object right, Budget budget, int level) {
        Budget.checkValueDepth(level);
        budget.step();
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return !isNaN(left) && !isNaN(right) && compareNumbers(left, right) == 0;
        }
        return switch (left) {
            case CharSequence a
            when right instanceof CharSequence b -> {
                budget.scan(Math.min(a.length(), b.length()));
                yield a.toString().equals(b.toString());
            }
            case Undefined _ -> right instanceof Undefined;
            case Sequence.Range a when right instanceof Sequence.Range b -> equal(a.items(), b.items(), budget, level);
            case Sequence a
            when a.getClass() == right.getClass() -> equal(a.items(), ((Sequence) right).items(), budget, level);
            case Dict a when right instanceof Dict b -> equal(a, b, budget, level);
            case DictView a
            when right instanceof DictView b ->
                a.part() == b.part()
                        && switch (a.part()) {
                            case KEYS -> sameKeys(a.dict(), b.dict(), budget);
                            case ITEMS -> equal(a.dict(), b.dict(), budget, level);
                            case VALUES -> false; // Python compares identity
                        };
            // Namespaces, functions and similar values are compared by identity.
            default -> left.equals(right);
        };
    }

    private static boolean equal(List<Object> left, List<Object> right, Budget budget, int level) {
        if (left.size() != right.size()) {
            return false;
        }
        for (int i = 0; i < left.size(); i++) {
            if (!equal(left.get(i), right.get(i), budget, level + 1)) {
                return false;
            }
        }
        return true;
    }

    private static boolean sameKeys(Dict left, Dict right, Budget budget) {
        budget.allocate(left.size());
        return left.size() == right.size() && left.keys().stream().allMatch(key -> right.get(key, budget) != null);
    }

    private static boolean equal(Dict left, Dict right, Budget budget, int level) {
        if (left.size() != right.size()) {
            return false;
        }
        for (var entry : left.entries()) {
            var other = right.get(entry.key(), budget);
            if (other == null || !equal(entry.value(), other, budget, level + 1)) {
                return false;
            }
        }
        return true;
    }

    /** {@code left OPERATOR right} for the operators {@code <}, {@code <=}, {@code >} and {@code >=}. */
    static boolean ordered(Object left, String operator, Object right, Budget budget) {
        if ((isNaN(left) && Values.isNumber(right)) || (isNaN(right) && Values.isNumber(left))) {
            return false;
        }
        int order = order(left, right, operator, budget, 0);
        return switch (operator) {
            case "<" -> order < 0;
            case "<=" -> order <= 0;
            case ">" -> order > 0;
            default -> order >= 0;
        };
    }

    /** The order of {@code sort}, {@code min} and {@code max}. */
    static int order(Object left, Object right, Budget budget) {
        return order(left, right, "<", budget, 0);
    }

    private static int order(Object left, Object right, String operator, Budget budget, int level) {
        Budget.checkValueDepth(level);
        budget.step();
        if (Values.isNumber(left) && Values.isNumber(right)) {
            return compareNumbers(left, right);
        }
        if (left instanceof CharSequence a && right instanceof CharSequence b) {
            budget.scan(Math.min(a.length(), b.length()));
            return compareCodePoints(a.toString(), b.toString());
        }
        if (left instanceof Sequence a && !(left instanceof Sequence.Range) && left.getClass() == right.getClass()) {
            return order(a.items(), ((Sequence) right).items(), operator, budget, level);
        }
        if (left instanceof Undefined undefined) {
            throw undefined.failure();
        }
        if (right instanceof Undefined undefined) {
            throw undefined.failure();
        }
        throw new EvaluationException("'%s' is not supported between %s and %s"
                .formatted(operator, Values.typeName(left), Values.typeName(right)));
    }

    private static int order(List<Object> left, List<Object> right, String operator, Budget budget, int level) {
        int common = Math.min(left.size(), right.size());
        for (int i = 0; i < common; i++) {
            // Python searches for the first pair that is not equal; only that pair must be orderable.
            if (!equal(left.get(i), right.get(i), budget, level + 1)) {
                return order(left.get(i), right.get(i), operator, budget, level + 1);
            }
        }
        return Integer.compare(left.size(), right.size());
    }

    private static int compareCodePoints(String left, String right) {
        int common = Math.min(left.length(), right.length());
        for (int i = 0; i < common; i++) {
            char a = left.charAt(i);
            char b = right.charAt(i);
            if (a != b) {
                // Surrogates are less than U+E000, but the code points that they encode are greater.
                boolean sameKind = Character.isSurrogate(a) == Character.isSurrogate(b);
                return sameKind ? Character.compare(a, b) : Character.isSurrogate(a) ? 1 : -1;
            }
        }
        return Integer.compare(left.length(), right.length());
    }

    private static boolean isNaN(Object value) {
        return value instanceof Double number && number.isNaN();
    }

    /**
     * Compares exactly, also integers with floats. NaN is greater than all other numbers, so that sorting has a total
     * order.
     */
    private static int compareNumbers(Object left, Object right) {
        if (left instanceof Long a && right instanceof Long b) {
            return Long.compare(a, b);
        }
        if (left instanceof Double a && !Double.isFinite(a)) {
            return right instanceof Double b ? Double.compare(a, b) : a < 0 ? -1 : 1;
        }
        if (right instanceof Double b && !Double.isFinite(b)) {
            return b < 0 ? 1 : -1;
        }
        double a = rounded(left);
        double b = rounded(right);
        // Rounding is monotonic, so an exact comparison is needed only if the rounded values are equal.
        return a != b ? Double.compare(a, b) : exact(left).compareTo(exact(right));
    }

    private static double rounded(Object number) {
        return number instanceof BigInteger big ? big.doubleValue() : Arithmetic.approximate(number);
    }

    private static BigDecimal exact(Object number) {
        return switch (number) {
            case Double value -> new BigDecimal(value);
            case BigInteger value -> new BigDecimal(value);
            default -> BigDecimal.valueOf(Values.index(number, "number"));
        };
    }
}
