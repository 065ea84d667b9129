/** What Clerk's Frontend API answers, as far as signing in and up by password needs it. */

export interface ClerkUser {
  id: string;
  email: string;
}

const AT = 1_767_258_000_000;
const off = { enabled: false, required: false, verify_at_sign_up: false };
const unused = {
  ...off,
  used_for_first_factor: false,
  first_factors: [],
  used_for_second_factor: false,
  second_factors: [],
  verifications: [],
};

/** An instance where one signs in by e-mail address and password, and nothing else is switched on. */
export function makeEnvironment(origin: string) {
  const email = {
    ...unused,
    enabled: true,
    required: true,
    verify_at_sign_up: true,
    used_for_first_factor: true,
    first_factors: ['email_code'],
    verifications: ['email_code'],
  };
  return {
    object: 'environment',
    id: 'env_test',
    auth_config: {
      object: 'auth_config',
      id: 'aconf_test',
      single_session_mode: true,
      claimed_at: null,
      reverification: false,
      native_settings: null,
    },
    display_config: makeDisplayConfig(origin),
    user_settings: {
      attributes: {
        email_address: email,
        password: { ...unused, enabled: true, required: true },
        ...Object.fromEntries(
          ['phone_number', 'username', 'first_name', 'last_name', 'web3_wallet', 'passkey']
            .concat('authenticator_app', 'backup_code')
            .map((name) => [name, unused]),
        ),
      },
      actions: { delete_self: false, create_organization: false },
      social: {},
      enterprise_sso: { enabled: false },
      sign_in: { second_factor: { required: false, enabled: false } },
      sign_up: {
        allowlist_only: false,
        progressive: true,
        captcha_enabled: false,
        mode: 'public',
        legal_consent_enabled: false,
      },
      password_settings: { min_length: 8, max_length: 72, disable_hibp: true },
      passkey_settings: { show_sign_in_button: false, allow_autofill: false },
      username_settings: { min_length: 4, max_length: 64 },
    },
    organization_settings: {
      enabled: false,
      max_allowed_memberships: 5,
      force_organization_selection: false,
      actions: { admin_delete: false },
      domains: { enabled: false, enrollment_modes: [], default_role: null },
      slug: { disabled: true },
    },
    commerce_settings: {
      billing: {
        stripe_publishable_key: null,
        organization: { enabled: false, has_paid_plans: false },
        user: { enabled: false, has_paid_plans: false },
      },
    },
    api_keys_settings: { user_api_keys_enabled: false, orgs_api_keys_enabled: false },
    maintenance_mode: false,
    client_debug_mode: false,
  };
}

function makeDisplayConfig(origin: string) {
  return {
    object: 'display_config',
    id: 'display_test',
    application_name: 'Meetings',
    branded: false,
    instance_environment_type: 'production',
    preferred_sign_in_strategy: 'password',
    captcha_public_key: null,
    captcha_widget_type: null,
    captcha_public_key_invisible: null,
    captcha_provider: 'turnstile',
    captcha_oauth_bypass: null,
    theme: { buttons: {}, general: {}, accounts: {} },
    logo_image_url: '',
    favicon_image_url: '',
    home_url: origin,
    sign_in_url: `${origin}/sign-in`,
    sign_up_url: `${origin}/sign-up`,
    after_sign_in_url: origin,
    after_sign_up_url: origin,
    after_sign_out_all_url: `${origin}/sign-in`,
    after_sign_out_one_url: `${origin}/sign-in`,
    after_switch_session_url: origin,
    user_profile_url: origin,
    organization_profile_url: origin,
    create_organization_url: origin,
    after_leave_organization_url: origin,
    after_create_organization_url: origin,
    support_email: '',
    show_devmode_warning: false,
    terms_url: '',
    privacy_policy_url: '',
    waitlist_url: '',
    after_join_waitlist_url: '',
  };
}

export interface ClerkState {
  signIn: { id: string; user: ClerkUser; sessionId: string | null } | null;
  signUp: { id: string; user: ClerkUser; sessionId: string | null } | null;
  session: { id: string; user: ClerkUser; token: string } | null;
}

/** A browser as Clerk knows it. */
export function makeClient({ signIn, signUp, session }: ClerkState) {
  return {
    object: 'client',
    id: 'client_test',
    sessions: session ? [makeSession(session)] : [],
    sign_in: signIn && makeSignIn(signIn),
    sign_up: signUp && makeSignUp(signUp),
    captcha_bypass: true,
    last_active_session_id: session?.id ?? null,
    last_authentication_strategy: null,
    cookie_expires_at: null,
    created_at: AT,
    updated_at: AT,
  };
}

export function makeSignIn({ id, user, sessionId }: NonNullable<ClerkState['signIn']>) {
  return {
    object: 'sign_in',
    id,
    status: sessionId === null ? 'needs_first_factor' : 'complete',
    supported_identifiers: ['email_address'],
    identifier: user.email,
    user_data: { first_name: null, last_name: null, image_url: '', has_image: false },
    supported_first_factors: [{ strategy: 'password' }],
    supported_second_factors: [],
    first_factor_verification: null,
    second_factor_verification: null,
    created_session_id: sessionId,
  };
}

/** A new account whose address has to be shown to be one's own, by the code that it was sent. */
export function makeSignUp({ id, user, sessionId }: NonNullable<ClerkState['signUp']>) {
  const isComplete = sessionId !== null;
  return {
    object: 'sign_up_attempt',
    id,
    status: isComplete ? 'complete' : 'missing_requirements',
    required_fields: ['email_address', 'password'],
    optional_fields: [],
    missing_fields: [],
    unverified_fields: isComplete ? [] : ['email_address'],
    ...{ username: null, first_name: null, last_name: null, phone_number: null },
    ...{ web3_wallet: null, external_account: null, external_account_strategy: null },
    email_address: user.email,
    has_password: true,
    unsafe_metadata: {},
    created_session_id: sessionId,
    created_user_id: isComplete ? user.id : null,
    abandon_at: AT * 2,
    legal_accepted_at: null,
    verifications: {
      email_address: {
        status: isComplete ? 'verified' : 'unverified',
        strategy: 'email_code',
        attempts: 0,
        expire_at: AT * 2,
        next_action: isComplete ? '' : 'needs_attempt',
        supported_strategies: ['email_code'],
      },
      ...{ phone_number: null, web3_wallet: null, external_account: null },
    },
  };
}

export function makeSession({ id, user, token }: NonNullable<ClerkState['session']>) {
  const address = {
    object: 'email_address',
    id: 'idn_test',
    email_address: user.email,
    verification: { status: 'verified', strategy: 'email_code' },
    linked_to: [],
  };
  return {
    object: 'session',
    id,
    status: 'active',
    factor_verification_age: [0, -1],
    expire_at: AT * 2,
    abandon_at: AT * 2,
    last_active_at: AT,
    last_active_token: { object: 'token', jwt: token },
    last_active_organization_id: null,
    actor: null,
    tasks: null,
    user: {
      object: 'user',
      id: user.id,
      primary_email_address_id: address.id,
      email_addresses: [address],
      image_url: '',
      has_image: false,
      public_metadata: {},
      unsafe_metadata: {},
      password_enabled: true,
      created_at: AT,
      updated_at: AT,
    },
    public_user_data: { identifier: user.email, image_url: '', has_image: false },
    created_at: AT,
    updated_at: AT,
  };
}
