package kawi.schema;

import java.lang.reflect.AccessibleObject;
import org.jspecify.annotations.Nullable;

/**
 * Checks whether records and methods of a user's module are accessible, and names what the module has to declare if
 * they are not.
 */
final class Access {

    private Access() {}

    /** Makes a constructor or method accessible; false if its module does not allow that. */
    static boolean open(AccessibleObject member) {
        return member.trySetAccessible();
    }

    /** Why {@code owner} is not accessible, and the declaration that changes it. */
    static String refusal(Class<?> owner) {
        return refusal(
                owner.getModule().getName(),
                owner.getPackageName(),
                Access.class.getModule().getName());
    }

    static String refusal(String module, String packageName, @Nullable String kawi) {
        return "module %s does not open its package; add \"opens %s%s;\" to its module-info.java"
                .formatted(module, packageName, kawi == null ? "" : " to " + kawi);
    }
}
