/**
 * The properties every HubSpot account has, as far as a sync with the books meets them
 * (developers.hubspot.com default properties, read 2026-11). One line a property:
 * `name | label | type:fieldType | flags`, with the flags
 *
 * - `read-only`: a write of it is refused;
 * - `calculated`: read-only, and kept by HubSpot itself;
 * - `unique`: no two live records share a value.
 */
import type { ObjectType } from "./object-types.ts";

const RECORD = `
createdate | Create date | datetime:date | read-only
hs_object_id | Record ID | number:number | read-only
hs_object_source | Record creation source | string:text | read-only
hs_object_source_id | Record creation source ID | string:text | read-only
hs_object_source_label | Record source | string:text | read-only
hs_merged_object_ids | Merged record IDs | string:text | read-only
hubspot_owner_id | Owner | number:number
`;

const MODIFIED = `
hs_lastmodifieddate | Last modified date | datetime:date | read-only
`;

const ADDRESS = `
phone | Phone number | string:phonenumber
address | Street address | string:text
city | City | string:text
state | State/Region | string:text
zip | Postal code | string:text
country | Country/Region | string:text
website | Website URL | string:text
lifecyclestage | Lifecycle stage | enumeration:radio
`;

const COMPANY = `
name | Company name | string:text
domain | Company domain name | string:text
address2 | Street address 2 | string:text
industry | Industry | enumeration:select
type | Type | enumeration:select
numberofemployees | Number of employees | number:number
annualrevenue | Annual revenue | number:number
description | Description | string:textarea
founded_year | Year founded | string:text
is_public | Is public | bool:booleancheckbox
timezone | Time zone | string:text
linkedin_company_page | LinkedIn company page | string:text
num_associated_contacts | Number of associated contacts | number:number | calculated
num_associated_deals | Number of associated deals | number:number | calculated
`;

const CONTACT = `
email | Email | string:text | unique
firstname | First name | string:text
lastname | Last name | string:text
mobilephone | Mobile phone number | string:phonenumber
fax | Fax number | string:phonenumber
company | Company name | string:text
jobtitle | Job title | string:text
salutation | Salutation | string:text
date_of_birth | Date of birth | string:text
message | Message | string:textarea
lastmodifieddate | Last modified date | datetime:date | read-only
num_associated_deals | Number of associated deals | number:number | calculated
`;

const SELLABLE = `
name | Name | string:text
description | Description | string:textarea
price | Unit price | number:number
hs_cost_of_goods_sold | Unit cost | number:number
hs_recurring_billing_period | Term | string:text
hs_recurring_billing_start_date | Billing start date | date:date
recurringbillingfrequency | Billing frequency | enumeration:select
tax | Tax | number:number
hs_url | URL | string:text
hs_images | Image URL | string:text
`;

const PRODUCT = `
hs_sku | SKU | string:text | unique
hs_folder | Folder | string:text
hs_product_type | Product type | enumeration:select
hs_active | Active | bool:booleancheckbox
`;

const LINE_ITEM = `
hs_sku | SKU | string:text
hs_product_id | Product ID | number:number
quantity | Quantity | number:number
discount | Unit discount | number:number
hs_discount_percentage | Discount percentage | number:number
hs_line_item_currency_code | Currency | enumeration:select
hs_billing_start_delay_days | Delayed billing start by days | number:number
hs_billing_start_delay_months | Delayed billing start by months | number:number
hs_billing_start_delay_type | Start billing terms | enumeration:select
hs_position_on_quote | Position on quote | number:number
hs_tax_rate_group_id | Tax rate | string:text
amount | Net price | number:number | calculated
`;

const DEAL = `
dealname | Deal name | string:text
dealstage | Deal stage | enumeration:radio
pipeline | Pipeline | enumeration:select
amount | Amount | number:number
closedate | Close date | datetime:date
dealtype | Deal type | enumeration:radio
description | Deal description | string:textarea
deal_currency_code | Currency | enumeration:select
closed_lost_reason | Closed lost reason | string:textarea
closed_won_reason | Closed won reason | string:textarea
hs_priority | Priority | enumeration:select
hs_deal_stage_probability | Deal probability | number:number | calculated
hs_is_closed | Is deal closed? | bool:booleancheckbox | calculated
hs_is_closed_won | Is closed won | bool:booleancheckbox | calculated
hs_is_closed_lost | Is closed lost | bool:booleancheckbox | calculated
num_associated_contacts | Number of associated contacts | number:number | calculated
hs_num_of_associated_line_items | Number of associated line items | number:number | calculated
`;

const QUOTE = `
hs_title | Quote name | string:text
hs_expiration_date | Expiration date | date:date
hs_template_type | Template type | enumeration:select
hs_acceptance_method | Acceptance method | enumeration:select
hs_currency | Currency | enumeration:select
hs_status | Approval status | enumeration:select
hs_quote_status | Quote status | enumeration:select | calculated
`;

export const DEFAULT_PROPERTY_LINES: Readonly<Record<ObjectType, string>> = {
  companies: RECORD + MODIFIED + ADDRESS + COMPANY,
  contacts: RECORD + ADDRESS + CONTACT,
  products: RECORD + MODIFIED + SELLABLE + PRODUCT,
  deals: RECORD + MODIFIED + DEAL,
  quotes: RECORD + MODIFIED + QUOTE,
  line_items: RECORD + MODIFIED + SELLABLE + LINE_ITEM,
};

/** Property group of the defaults; custom properties may join it or one made for them. */
export const DEFAULT_GROUPS: Readonly<Record<ObjectType, { name: string; label: string }>> = {
  companies: { name: "companyinformation", label: "Company information" },
  contacts: { name: "contactinformation", label: "Contact information" },
  products: { name: "productinformation", label: "Product information" },
  deals: { name: "dealinformation", label: "Deal information" },
  quotes: { name: "quoteinformation", label: "Quote information" },
  line_items: { name: "lineiteminformation", label: "Line item information" },
};

/** From first to last: HubSpot moves a record forward along these, and back only once cleared. */
export const LIFECYCLE_STAGES: readonly string[] = [
  "subscriber",
  "lead",
  "marketingqualifiedlead",
  "salesqualifiedlead",
  "opportunity",
  "customer",
  "evangelist",
  "other",
];

const INDUSTRIES = `
ACCOUNTING AIRLINES_AVIATION ALTERNATIVE_DISPUTE_RESOLUTION ALTERNATIVE_MEDICINE ANIMATION
APPAREL_FASHION ARCHITECTURE_PLANNING ARTS_AND_CRAFTS AUTOMOTIVE AVIATION_AEROSPACE BANKING
BIOTECHNOLOGY BROADCAST_MEDIA BUILDING_MATERIALS BUSINESS_SUPPLIES_AND_EQUIPMENT CAPITAL_MARKETS
CHEMICALS CIVIC_SOCIAL_ORGANIZATION CIVIL_ENGINEERING COMMERCIAL_REAL_ESTATE
COMPUTER_NETWORK_SECURITY COMPUTER_GAMES COMPUTER_HARDWARE COMPUTER_NETWORKING COMPUTER_SOFTWARE
INTERNET CONSTRUCTION CONSUMER_ELECTRONICS CONSUMER_GOODS CONSUMER_SERVICES COSMETICS DAIRY
DEFENSE_SPACE DESIGN EDUCATION_MANAGEMENT E_LEARNING ELECTRICAL_ELECTRONIC_MANUFACTURING
ENTERTAINMENT ENVIRONMENTAL_SERVICES EVENTS_SERVICES EXECUTIVE_OFFICE FACILITIES_SERVICES FARMING
FINANCIAL_SERVICES FINE_ART FISHERY FOOD_BEVERAGES FOOD_PRODUCTION FUND_RAISING FURNITURE
GAMBLING_CASINOS GLASS_CERAMICS_CONCRETE GOVERNMENT_ADMINISTRATION GOVERNMENT_RELATIONS
GRAPHIC_DESIGN HEALTH_WELLNESS_AND_FITNESS HIGHER_EDUCATION HOSPITAL_HEALTH_CARE HOSPITALITY
HUMAN_RESOURCES IMPORT_AND_EXPORT INDIVIDUAL_FAMILY_SERVICES INDUSTRIAL_AUTOMATION
INFORMATION_SERVICES INFORMATION_TECHNOLOGY_AND_SERVICES INSURANCE INTERNATIONAL_AFFAIRS
INTERNATIONAL_TRADE_AND_DEVELOPMENT INVESTMENT_BANKING INVESTMENT_MANAGEMENT JUDICIARY
LAW_ENFORCEMENT LAW_PRACTICE LEGAL_SERVICES LEGISLATIVE_OFFICE LEISURE_TRAVEL_TOURISM LIBRARIES
LOGISTICS_AND_SUPPLY_CHAIN LUXURY_GOODS_JEWELRY MACHINERY MANAGEMENT_CONSULTING MARITIME
MARKET_RESEARCH MARKETING_AND_ADVERTISING MECHANICAL_OR_INDUSTRIAL_ENGINEERING MEDIA_PRODUCTION
MEDICAL_DEVICES MEDICAL_PRACTICE MENTAL_HEALTH_CARE MILITARY MINING_METALS
MOTION_PICTURES_AND_FILM MUSEUMS_AND_INSTITUTIONS MUSIC NANOTECHNOLOGY NEWSPAPERS
NON_PROFIT_ORGANIZATION_MANAGEMENT OIL_ENERGY ONLINE_MEDIA OUTSOURCING_OFFSHORING
PACKAGE_FREIGHT_DELIVERY PACKAGING_AND_CONTAINERS PAPER_FOREST_PRODUCTS PERFORMING_ARTS
PHARMACEUTICALS PHILANTHROPY PHOTOGRAPHY PLASTICS POLITICAL_ORGANIZATION
PRIMARY_SECONDARY_EDUCATION PRINTING PROFESSIONAL_TRAINING_COACHING PROGRAM_DEVELOPMENT
PUBLIC_POLICY PUBLIC_RELATIONS_AND_COMMUNICATIONS PUBLIC_SAFETY PUBLISHING RAILROAD_MANUFACTURE
RANCHING REAL_ESTATE RECREATIONAL_FACILITIES_AND_SERVICES RELIGIOUS_INSTITUTIONS
RENEWABLES_ENVIRONMENT RESEARCH RESTAURANTS RETAIL SECURITY_AND_INVESTIGATIONS SEMICONDUCTORS
SHIPBUILDING SPORTING_GOODS SPORTS STAFFING_AND_RECRUITING SUPERMARKETS TELECOMMUNICATIONS
TEXTILES THINK_TANKS TOBACCO TRANSLATION_AND_LOCALIZATION TRANSPORTATION_TRUCKING_RAILROAD
UTILITIES VENTURE_CAPITAL_PRIVATE_EQUITY VETERINARY WAREHOUSING WHOLESALE WINE_AND_SPIRITS WIRELESS
WRITING_AND_EDITING MOBILE_GAMES`;

/** Values allowed in the enumerations above, but for stages, pipelines and currencies. */
export const DEFAULT_OPTIONS: Readonly<Record<string, readonly string[]>> = {
  lifecyclestage: LIFECYCLE_STAGES,
  industry: INDUSTRIES.trim().split(/\s+/),
  type: ["PROSPECT", "PARTNER", "RESELLER", "VENDOR", "OTHER"],
  dealtype: ["newbusiness", "existingbusiness"],
  hs_priority: ["low", "medium", "high"],
  hs_product_type: ["inventory", "non_inventory", "service"],
  hs_template_type: ["CPQ_QUOTE", "CUSTOMIZABLE_QUOTE_TEMPLATE"],
  hs_acceptance_method: ["clickwrap", "esignature", "print_and_sign"],
  hs_status: ["DRAFT", "APPROVAL_NOT_NEEDED", "PENDING_APPROVAL", "APPROVED", "REJECTED"],
  hs_quote_status: [
    "DRAFT",
    "PENDING_APPROVAL",
    "CHANGES_REQUESTED",
    "PUBLISHED",
    "ACCEPTED",
    "EXPIRED",
    "VOID",
  ],
  hs_billing_start_delay_type: [
    "hs_recurring_billing_start_date",
    "hs_billing_start_delay_days",
    "hs_billing_start_delay_months",
  ],
  recurringbillingfrequency: [
    "weekly",
    "biweekly",
    "monthly",
    "quarterly",
    "per_six_months",
    "annually",
    "per_two_years",
    "per_three_years",
    "per_four_years",
    "per_five_years",
  ],
};
