package kawi;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A type with its arguments, which a class literal cannot say. Always an anonymous class with an empty body:
 *
 * {@snippet :
 *    new TypeOf<List<Recipe>>() {}
 * }
 *
 * @param <T> the type
 */
@SuppressWarnings("unused") // the parameter is read by reflection
public abstract class TypeOf<T> {

    private final Type type;

    /** For the anonymous subclass. */
    protected TypeOf() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)
                || getClass().getSuperclass() != TypeOf.class) {
            throw new IllegalArgumentException("%s does not say its type: write new TypeOf<List<Recipe>>() {}"
                    .formatted(getClass().getName()));
        }
        type = parameterized.getActualTypeArguments()[0];
    }

    /** The type between the angle brackets. */
    public final Type type() {
        return type;
    }

    @Override
    public final String toString() {
        return type.getTypeName();
    }
}
