package kawi;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.Type;

/**
 * A type with type arguments, which a class literal cannot express. Create it as an anonymous class with an empty body:
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

    /** Creates a type; for anonymous subclasses. */
    protected TypeOf() {
        if (!(getClass().getGenericSuperclass() instanceof ParameterizedType parameterized)
                || getClass().getSuperclass() != TypeOf.class) {
            throw new IllegalArgumentException("%s has no type argument: write new TypeOf<List<Recipe>>() {}"
                    .formatted(getClass().getName()));
        }
        type = parameterized.getActualTypeArguments()[0];
    }

    /** Returns the type argument. */
    public final Type type() {
        return type;
    }

    @Override
    public final String toString() {
        return type.getTypeName();
    }
}
