package org.etcdjakarta.connector;

import jakarta.validation.Constraint;
import jakarta.validation.Payload;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Of a configuration bean: what is set is allowed. Servers with Bean Validation refuse to deploy a bean that has something else, and
 * tell for each property what was given and what is allowed; on others a wrong value fails the first use, with the same words.
 *
 * @see ValidSettingsValidator
 */
@Documented
@Target(ElementType.TYPE)
@Retention(RetentionPolicy.RUNTIME)
@Constraint(validatedBy = ValidSettingsValidator.class)
public @interface ValidSettings {

    /** {@return the message of the bean as a whole, which is replaced by those of its properties} */
    String message() default "a configuration property has a value that is not allowed";

    /** {@return groups, none but the default one} */
    Class<?>[] groups() default {};

    /** {@return as Bean Validation demands, without use here} */
    Class<? extends Payload>[] payload() default {};
}
